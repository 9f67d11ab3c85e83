import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

@Suite("Reading a secret")
struct SecretReadingTests {
    private func code(_ path: String) -> FledgeError.Code? {
        do { return try SecretReference.file(path).read(environment: [:]).map { .init(rawValue: "read: \($0)") } } catch
        { return error.code }
    }

    @Test("a file that is there and can't be read is told as that, and not as missing")
    func unreadable() async throws {
        try await TemporaryDirectory.with { directory in
            #expect(code(directory + "/none") == nil)
            try Data(" \n".utf8).write(to: URL(filePath: directory + "/empty"))
            #expect(code(directory + "/empty") == nil)
            try Data(" secret\n".utf8).write(to: URL(filePath: directory + "/key"))
            #expect(code(directory + "/key") == "read: secret")
            #expect(code(directory) == "secret.unreadable")
            try Data([0xFF, 0xFE]).write(to: URL(filePath: directory + "/bytes"))
            #expect(code(directory + "/bytes") == "secret.unreadable")
            #expect(code(directory + "/key/below") == "secret.unreadable")
        }
    }

    @Test("a daemon that can open no file at this moment tries again rather than block")
    func passing() async {
        await #expect(processExitsWith: .success) {
            try await ExhaustedFiles.during {
                let error = #expect(throws: FledgeError.self) {
                    try SecretReference.file("/etc/passwd").read(environment: [:])
                }
                try #require(error?.code == .fileUnread && error?.exitCode == .tryAgain)
            }
        }
    }
}
