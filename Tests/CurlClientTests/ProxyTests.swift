@testable import CurlClient
import Foundation
import Testing

@Suite("Proxies")
struct ProxyTests {
    // libcurl reads the environment itself, and every other test shares this process's: so a process of its own.
    @Test("http_proxy, https_proxy and no_proxy are obeyed, and a proxy that refuses is told as such")
    func environment() async {
        await #expect(processExitsWith: .success) {
            try await TestCertificate.with { certificate in
                try await EchoServer.with { plain in
                    try await EchoServer.with(certificate: certificate) { secure in
                        let asked = try await ProxyServer.with(plain: plain, secure: secure) { proxy in
                            try await Self.exchange(through: proxy, straightTo: plain, certificate: certificate)
                        }
                        #expect(
                            asked == [
                                "POST http://origin.invalid/echo me:hunter2", "CONNECT origin.invalid:443 -",
                                "CONNECT forbidden.invalid:443 -",
                            ])
                    }
                }
            }
        }
    }

    /// The origin's name resolves nowhere: only a proxy can lead there.
    private static func exchange(
        through proxy: ProxyServer, straightTo server: EchoServer, certificate: TestCertificate
    ) async throws {
        setenv("http_proxy", "http://me:hunter2@\(proxy.address)", 1)
        setenv("https_proxy", "http://\(proxy.address)", 1)
        setenv("no_proxy", "127.0.0.1", 1)
        let client = CurlClient(.init(authorities: CertificateAuthorities(file: certificate.authority)))

        let plain = try await client.execute(
            HTTPRequest("POST", "http://origin.invalid/echo", headers: ["X-Sent": "yes"], body: [1, 2]))
        #expect(plain.body == [1, 2])
        #expect(plain.headers["x-seen"] == "yes")

        let secure = try await client.execute(HTTPRequest("POST", "https://origin.invalid/echo", body: [3, 4]))
        #expect(secure.body == [3, 4])

        let excepted = try await client.execute(HTTPRequest("POST", server.address + "/echo", body: [5]))
        #expect(excepted.body == [5])

        setenv("no_proxy", "", 1)
        var straight = HTTPRequest("POST", server.address + "/echo", body: [7])
        straight.isDirect = true
        #expect(try await client.execute(straight).body == [7])

        // One elsewhere would take the address for its own; this name resolves nowhere.
        for value in ["http://proxy.invalid:3128", "proxy.invalid"] {
            setenv("http_proxy", value, 1)
            let passed = try await client.execute(HTTPRequest("POST", server.address + "/echo", body: [8]))
            #expect(passed.body == [8])
        }
        setenv("http_proxy", "", 1)
        setenv("all_proxy", "http://proxy.invalid:3128", 1)
        #expect(try await client.execute(HTTPRequest("POST", server.address + "/echo", body: [9])).body == [9])
        setenv("all_proxy", "", 1)

        let refused = await #expect(throws: CurlError.self) {
            try await client.execute(HTTPRequest("GET", "https://forbidden.invalid/"))
        }
        #expect(refused?.code == .proxy)
        #expect(refused?.message == "forbidden.invalid:443: the proxy refused the way there (status 403)")

        let socket = "/tmp/\(UUID().uuidString.prefix(8)).sock"
        defer { try? FileManager.default.removeItem(atPath: socket) }
        try await EchoServer.with(socket: socket) { local in
            let answer = try await client.execute(
                HTTPRequest("POST", local.address + "/echo", body: [6], unixSocketPath: socket))
            #expect(answer.body == [6])
        }

        setenv("http_proxy", "http://me:hunter2@127.0.0.1:1", 1)
        let absent = await #expect(throws: CurlError.self) {
            try await client.execute(HTTPRequest("GET", "http://origin.invalid/"))
        }
        #expect(absent?.code == .connectionRefused)
        #expect(absent?.description.contains("hunter2") == false)
    }

    @Test(
        "addresses of this machine are told from others",
        arguments: [
            ("http://127.0.0.1:8000/v1", true), ("http://localhost", true), ("https://LOCALHOST:443/x", true),
            ("http://[::1]:9/", true), ("http://me:key@127.9.9.9:1", true), ("127.0.0.1:3128", true),
            ("model.localhost:80", true), ("http://127.0.0.1.example.com/", false), ("http://10.0.0.1/", false),
            ("http://localhost@example.com/", false), ("http://example.com/?127.0.0.1", false), ("", false),
            ("http://[::2]/", false), ("http://127.0.0.256/", false),
        ])
    func loopback(address: String, isLoopback: Bool) {
        #expect(LoopbackAddress.isLoopback(address) == isLoopback)
    }
}
