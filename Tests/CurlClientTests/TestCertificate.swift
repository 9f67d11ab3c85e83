import Foundation
import ManagedProcess
import Testing

/// A server's certificate and the authority that signed it, made for one test.
struct TestCertificate {
    /// The authority's certificate.
    let authority: String
    let file: String
    let key: String

    /// - Parameters:
    ///   - names: subject alternative names in OpenSSL's form.
    ///   - body: gets the certificate; its files are gone afterwards.
    nonisolated(nonsending)
        static func with(
            names: String = "IP:127.0.0.1,DNS:origin.invalid", _ body: (TestCertificate) async throws -> Void
        ) async throws
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "certificate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("subjectAltName=\(names)\n".utf8).write(to: folder.appending(path: "names"))
        let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        for arguments in [
            ["req", "-x509", "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"] + newKey,
            ["req", "-subj", "/CN=server", "-keyout", "key.pem", "-out", "request.pem"] + newKey,
            [
                "x509", "-req", "-days", "2", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-extfile", "names", "-out", "cert.pem",
            ],
        ] {
            let result = try await Command("openssl", arguments, workingDirectory: folder).run(timeout: .seconds(600))
            try #require(result.exit.isSuccess, "\(result.errorOutput)")
        }
        func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }
        try await body(TestCertificate(authority: path("ca.pem"), file: path("cert.pem"), key: path("key.pem")))
    }
}
