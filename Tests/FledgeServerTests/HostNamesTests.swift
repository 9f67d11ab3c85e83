import FledgeEngine
import Testing

@testable import FledgeServer

@Suite("Whom a request may name, and who the kernel names")
struct HostNamesTests {
    @Test("a daemon on every address takes addresses, and no name that it does not know")
    func everywhere() {
        for listening in ["0.0.0.0", "::", "[::]"] {
            let names = HostNames(listening: listening, others: ["Fledge.example.org."])
            #expect(names.contains("192.168.1.7") && names.contains("fe80::1") && names.contains("fledge.example.org"))
            #expect(!names.contains("evil.example") && !names.contains("192.168.1.7.evil.example"))
        }
        let one = HostNames(listening: "192.168.1.7", others: [])
        #expect(one.contains("192.168.1.7") && !one.contains("192.168.1.8") && one.contains("localhost"))
    }

    @Test(
        "the host of an authority is read whole or not at all",
        arguments: [
            ("h", "h"), ("H.:80", "h"), ("[::1]:80", "::1"), ("[::1]", "::1"), ("", nil), (":80", nil), ("h:", nil),
            ("h:x", nil), ("h:99999", nil), ("[::1", nil), ("[::1]x", nil), ("a@h", nil), ("::1", nil),
        ] as [(String, String?)])
    func authorities(_ text: String, _ host: String?) {
        #expect(HostNames.host(of: text) == host)
    }

    @Test("a user is a name, or a number where there is none; root is root whoever called sudo")
    func users() {
        #expect(LocalUser.actor(0) == "user:root")
        #expect(LocalUser.actor(4_294_967_290) == "user:4294967290")
        #expect(LocalUser.actor.hasPrefix("user:"))
    }

    @Test("tokens are compared whole")
    func compared() {
        #expect(TokenBook.isEqual([1, 2], [1, 2]))
        for other in [[], [1], [2, 2], [1, 3], [1, 2, 3]] as [[UInt8]] { #expect(!TokenBook.isEqual(other, [1, 2])) }
    }
}
