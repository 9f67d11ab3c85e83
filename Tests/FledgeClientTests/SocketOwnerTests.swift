import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

@testable import FledgeClient

@Suite("Whose the socket is")
struct SocketOwnerTests {
    @Test("another user's socket is not spoken to where others may put one, and nothing is said to it")
    func foreignSocket() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory + "/s.sock"
            try Data().write(to: URL(filePath: path))
            // Root's own file would be anybody's to speak to.
            let owner = geteuid() == 0 ? uid_t(65_534) : geteuid()
            #expect(chown(path, owner, gid_t.max) == 0)
            for (mode, user, isRefused) in [
                (0o777, owner + 1, true), (0o1777, owner + 1, true), (0o770, owner + 1, true), (0o1777, 0, true),
                (0o755, owner + 1, false), (0o700, 0, false), (0o1777, owner, false),
            ] as [(mode_t, uid_t, Bool)] {
                #expect(chmod(directory, mode) == 0)
                let fault = SocketOwner.fault(of: path, user: user)
                #expect((fault?.code == "daemon.foreign_socket") == isRefused, "\(String(mode, radix: 8)) \(user)")
            }
            #expect(SocketOwner.fault(of: directory + "/none.sock") == nil)
        }
    }

    @Test("a socket that this user may not connect to is another user's, and no daemon that does not run")
    func notPermitted() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory + "/s.sock"
            try Data().write(to: URL(filePath: path))
            for number in [EACCES, EPERM] {
                let refusal = SocketOwner.refusal(of: path, access: { _ in number })
                #expect(refusal?.code == "daemon.not_permitted" && refusal?.exitCode == .configuration)
                #expect(refusal?.place == path && refusal?.message.contains("socket is \(LocalUser.actor)'s") == true)
                #expect(refusal?.hint?.contains("sudo -u \(LocalUser.actor.dropFirst(5)) fledge") == true)
            }
            // Whose a folder is that nobody may look into stands on the folder.
            let hidden = SocketOwner.refusal(of: directory + "/closed/s.sock", access: { _ in EACCES })
            #expect(hidden?.message.contains("in a folder of \(LocalUser.actor)'s") == true)
            for number in [0, ENOENT, ENOTDIR] {
                #expect(SocketOwner.refusal(of: path, access: { _ in number }) == nil)
            }
        }
    }
}
