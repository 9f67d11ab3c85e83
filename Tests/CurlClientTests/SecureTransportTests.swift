import CurlClient
import Foundation
import Testing

@Suite("TLS and HTTP/2")
struct SecureTransportTests {
    private func client(trusting authority: String?) -> CurlClient {
        CurlClient(.init(authorities: CertificateAuthorities(file: authority)))
    }

    @Test("an authority that is named is trusted, and one that is not is told as such")
    func authorities() async throws {
        try await TestCertificate.with { certificate in
            try await EchoServer.with(certificate: certificate) { server in
                let request = HTTPRequest("POST", server.address + "/echo", body: [1, 2, 3])
                let answer = try await client(trusting: certificate.authority).execute(request)
                #expect(answer.body == [1, 2, 3])
                #expect(answer.version == .http1_1)

                let stranger = await #expect(throws: CurlError.self) {
                    try await client(trusting: nil).execute(request)
                }
                #expect(stranger?.code == .tls)
                #expect(stranger?.message.contains("signed by an authority that is not trusted here") == true)

                let missing = await #expect(throws: CurlError.self) {
                    try await client(trusting: "/nowhere/ca.pem").execute(request)
                }
                #expect(missing?.code == .tls)
                #expect(missing?.message.contains("can't be read from /nowhere/ca.pem") == true)
            }
        }
    }

    @Test("a certificate for another name is refused, though its authority is trusted")
    func wrongName() async throws {
        try await TestCertificate.with(names: "DNS:elsewhere.invalid") { certificate in
            try await EchoServer.with(certificate: certificate) { server in
                let error = await #expect(throws: CurlError.self) {
                    try await client(trusting: certificate.authority).execute(HTTPRequest("GET", server.address))
                }
                #expect(error?.code == .tls)
                #expect(error?.message.contains("for another name") == true)
            }
        }
    }

    @Test("plain HTTP on a TLS port, and TLS on a plain one, are told apart from an answer")
    func wrongProtocol() async throws {
        try await EchoServer.with { server in
            let address = server.address.replacing("http:", with: "https:")
            let error = await #expect(throws: CurlError.self) {
                try await client(trusting: nil).execute(HTTPRequest("GET", address))
            }
            #expect(error?.code == .tls)
        }
    }

    @Test(
        "the authorities are named by the variables of libcurl's own tool",
        arguments: [
            ([:], CertificateAuthorities()),
            (["SSL_CERT_FILE": "/f", "SSL_CERT_DIR": "/d"], CertificateAuthorities(file: "/f", directory: "/d")),
            (
                ["CURL_CA_BUNDLE": "/b", "SSL_CERT_FILE": "/f", "SSL_CERT_DIR": "/d"],
                CertificateAuthorities(file: "/b")
            ),
            (["CURL_CA_BUNDLE": "", "SSL_CERT_FILE": "/f"], CertificateAuthorities(file: "/f")),
        ] as [([String: String], CertificateAuthorities)])
    func variables(environment: [String: String], authorities: CertificateAuthorities) {
        #expect(CertificateAuthorities(environment: environment) == authorities)
    }

    @Test("HTTP/2 is spoken where the server offers it, many requests at once on one connection")
    func http2() async throws {
        try await TestCertificate.with { certificate in
            try await HTTP2Server.with(certificate: certificate) { server in
                let client = client(trusting: certificate.authority)
                let first = try await client.execute(HTTPRequest("POST", server.address + "/echo", body: [1, 2, 3]))
                #expect(first.version == .http2)
                #expect(first.headers["x-alpn"] == "h2")
                #expect(first.body == [1, 2, 3])

                // None of them is answered before all of them are there.
                let answers = try await withThrowingTaskGroup(of: HTTPResponse.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            try await client.execute(
                                HTTPRequest("POST", server.address + "/together/20", body: [UInt8(number)]))
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(Set(answers.map(\.body)) == Set((0..<20).map { [UInt8($0)] }))
                #expect(answers.allSatisfy { $0.version == .http2 && $0.headers["x-connection"] == "1" })
            }
        }
    }
}
