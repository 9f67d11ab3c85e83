import FledgeCore
import FledgeTestKit
import Foundation
import Testing

@testable import FledgeCLI

@Suite("The definitions that come with Fledge")
struct OwnDefinitionsTests {
    /// By name: a definition's begins with a small letter.
    private static func files() throws -> [(name: String, digest: Digest)] {
        let folder = URL(filePath: #filePath).appending(path: "../../../workflows").standardizedFileURL
        return try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".swift") && $0.first?.isLowercase == true }.sorted()
            .map { ($0, Digest(of: try Data(contentsOf: folder.appending(path: $0)))) }
    }

    @Test("are known by their digests; FLEDGE_RECORD=1 writes these anew")
    func digests() throws {
        let files = try Self.files()
        let entries = files.map { "            // \($0.name)\n            \"\($0.digest.rawValue)\",\n" }.joined()
        let text = """
            import FledgeCore

            /// The definitions that come with Fledge, by the SHA-256 of their files.
            ///
            /// `FLEDGE_RECORD=1 make test TEST='--filter OwnDefinitionsTests'` writes this file anew.
            package enum OwnDefinitions {
                package static let digests = Set(
                    [
            \(entries)        ].compactMap(Digest.init(rawValue:)))
            }

            """
        let path = "Sources/FledgeCLI/Definitions/OwnDefinitions.swift"
        #expect(try RecordedPage.committed(path, made: text) == text)
        #expect(!files.isEmpty && OwnDefinitions.digests == Set(files.map(\.digest)))
    }
}
