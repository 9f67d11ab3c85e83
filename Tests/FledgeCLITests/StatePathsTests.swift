import FledgeEngine
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

    @Test("a socket's path that is too long for the kernel moves")
    func long() {
        let paths = paths(["FLEDGE_STATE_DIR": "/" + String(repeating: "long", count: 40)])
        #expect(paths.socket.utf8.count <= 107)
        #expect(paths.socket.hasPrefix("/tmp/fledge-"))
    }
}
