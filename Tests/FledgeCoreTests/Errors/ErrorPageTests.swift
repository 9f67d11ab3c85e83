import Foundation
import Testing

@Suite("The page of errors")
struct ErrorPageTests {
    @Test("docs/errors.md has every code; FLEDGE_RECORD=1 writes it anew")
    func documentation() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/errors.md")
            .standardizedFileURL
        if ProcessInfo.processInfo.environment["FLEDGE_RECORD"] == "1" {
            try Data(ErrorPage.text.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == ErrorPage.text)
    }
}
