import FledgeCore
import Testing

@Suite("The host that a request goes to")
struct ServerHostTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let name: String
        let port: Int
        let shown: String
        var isLoopback = false
        var testDescription: String { text }
    }

    static let addresses = [
        Case(text: "https://api.example.com/v1", name: "api.example.com", port: 443, shown: "api.example.com"),
        Case(text: "http://api.example.com/v1", name: "api.example.com", port: 80, shown: "api.example.com:80"),
        Case(text: "HTTPS://API.Example.COM", name: "api.example.com", port: 443, shown: "api.example.com"),
        Case(text: "http://gpu-1_a:8000?x=y:9", name: "gpu-1_a", port: 8000, shown: "gpu-1_a:8000"),
        Case(text: "https://h09az:443#f", name: "h09az", port: 443, shown: "h09az"),
        Case(text: "http://h:1/", name: "h", port: 1, shown: "h:1"),
        Case(text: "http://h:65535/", name: "h", port: 65535, shown: "h:65535"),
        Case(text: "http://localhost:80/", name: "localhost", port: 80, shown: "localhost:80", isLoopback: true),
        Case(
            text: "http://127.0.0.1:8000/v1", name: "127.0.0.1", port: 8000, shown: "127.0.0.1:8000", isLoopback: true),
        Case(text: "http://127.255.0.9", name: "127.255.0.9", port: 80, shown: "127.255.0.9:80", isLoopback: true),
        Case(text: "http://126.0.0.1", name: "126.0.0.1", port: 80, shown: "126.0.0.1:80"),
        Case(text: "http://127.0.0.256", name: "127.0.0.256", port: 80, shown: "127.0.0.256:80"),
        Case(text: "http://127.0.1", name: "127.0.1", port: 80, shown: "127.0.1:80"),
        Case(text: "http://127.0.0.1.example", name: "127.0.0.1.example", port: 80, shown: "127.0.0.1.example:80"),
        Case(text: "http://127.0.0.1.", name: "127.0.0.1.", port: 80, shown: "127.0.0.1.:80"),
        Case(text: "http://127..0.0.1", name: "127..0.0.1", port: 80, shown: "127..0.0.1:80"),
        Case(text: "http://[::1]:8080/v1", name: "::1", port: 8080, shown: "[::1]:8080", isLoopback: true),
        Case(
            text: "https://[2001:DB8::a:192.0.2.1]", name: "2001:db8::a:192.0.2.1", port: 443,
            shown: "[2001:db8::a:192.0.2.1]"),
    ]

    @Test("name and port are those that the request has", arguments: addresses)
    func address(_ one: Case) throws {
        let host = try #require(ServerHost(url: one.text))
        #expect(host.name == one.name && host.port == one.port && host.description == one.shown)
        #expect(host.isLoopback == one.isLoopback)
        #expect(ServerHost(one.shown) == host)
    }

    @Test(
        "what programs could read in two ways is no host",
        arguments: [
            "", "h", "h/v1", "ftp://h", "http:h", "http:/h", "https://", "https:///v1", "http://:80", "http://h:",
            "http://h:0", "http://h:65536", "http://h:-1", "http://h:+8", "http://h:8a", "http://h:80:80", "http://a b",
            "http://me@h", "http://h%2e", "http://ü", "http://h\\x", "http://[::1", "http://[]", "http://[abc]",
            "http://[::g]", "http://[::1%25eth0]", "http://[::1]80", "http://[::1]:", "http://[::1]:0", "http://::1",
            "http://h@", "http://h`", "http://h[", "http://h{",
        ])
    func none(_ text: String) {
        #expect(ServerHost(url: text) == nil)
    }
}
