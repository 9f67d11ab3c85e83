import FledgeCore
import Foundation
import Glibc

/// Users of this machine, by the numbers that the kernel knows them by.
package enum LocalUser {
    /// `user:ada`, or `user:1001` for one that has no name.
    ///
    /// Root is root: who called `sudo` stands in variables that any process of root may set, and is not asked.
    package static func actor(_ id: UInt32) -> String {
        guard let name = name(id), !name.isEmpty, InboundText.problem(with: name) == nil else { return "user:\(id)" }
        return "user:\(name)"
    }

    /// Who runs this process.
    package static var actor: String { actor(geteuid()) }

    private static func name(_ id: UInt32) -> String? {
        var size = 1024
        while size <= 1 << 20 {
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            let (status, name): (Int32, String?) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) {
                buffer in
                guard let text = buffer.baseAddress else { return (ENOMEM, nil) }
                let status = getpwuid_r(id, &entry, text, size, &found)
                return (status, found?.pointee.pw_name.map { String(cString: $0) })
            }
            if status != ERANGE { return status == 0 ? name : nil }
            size *= 4
        }
        return nil
    }
}
