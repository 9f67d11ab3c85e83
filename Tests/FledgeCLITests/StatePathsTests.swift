import FledgeCore
import FledgeEngine
import FledgeTestKit
import Testing

@Suite("Where state lives")
struct StatePathsTests {
    private func paths(_ environment: [String: String], isRoot: Bool = false) -> StatePaths {
        StatePaths(environment: environment, isRoot: isRoot, currentDirectory: "/work here")
    }

    @Test("a person's state follows XDG")
    func person() {
        let paths = paths(["HOME": "/home/ada", "XDG_CACHE_HOME": "/c"])
        #expect(paths.state == "/home/ada/.local/state/fledge")
        #expect(paths.cache == "/c/fledge")
        #expect(paths.socket == "/home/ada/.local/state/fledge/run/fledged.sock")
    }

    @Test("a service's state follows the file hierarchy standard")
    func service() {
        let paths = paths(["HOME": "/root"], isRoot: true)
        #expect(paths.state == "/var/lib/fledge")
        #expect(paths.socket == "/run/fledge/fledged.sock")
    }

    @Test("a chosen folder holds the socket too, and may be relative")
    func chosen() {
        let paths = paths(["FLEDGE_STATE_DIR": ".demo/"], isRoot: true)
        #expect(paths.state == "/work here/.demo")
        #expect(paths.socket == "/work here/.demo/run/fledged.sock")
    }

    @Test(
        "a socket's path that is too long for the kernel moves to where nobody else can have made the folder first",
        arguments: [
            (true, [:], "/run/fledge-"), (false, ["XDG_RUNTIME_DIR": "/run/user/7"], "/run/user/7/fledge-"),
            (false, ["HOME": "/home/ada"], "/home/ada/.fledge-"),
            (false, ["XDG_RUNTIME_DIR": "relative", "HOME": "/home/ada"], "/home/ada/.fledge-"),
        ] as [(Bool, [String: String], String)])
    func long(isRoot: Bool, environment: [String: String], prefix: String) {
        let long = ["FLEDGE_STATE_DIR": "/" + String(repeating: "long", count: 40)]
        let paths = paths(environment.merging(long) { $1 }, isRoot: isRoot)
        #expect(paths.socket.utf8.count <= 107)
        #expect(paths.socket.hasPrefix(prefix) && paths.socket.hasSuffix("/fledged.sock"))
    }

    @Test("where there is no such place, that is said, and the folder for temporary files is not used")
    func tooLong() async throws {
        try await TemporaryDirectory.with { directory in
            let state = directory + "/" + String(repeating: "long", count: 30)
            let paths = paths(["FLEDGE_STATE_DIR": state])
            #expect(paths.socket.hasPrefix(state))
            let error = #expect(throws: FledgeError.self) { try paths.create() }
            #expect(error?.code == "state.path_too_long" && error?.hint?.contains("FLEDGE_SOCKET") == true)
        }
    }
}
