import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
import Testing

@Suite("Where the data of requests lies meanwhile")
struct SubmissionSpoolTests {
    private static func mode(_ path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    private static func content(_ folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
    }

    @Test("a request's files are closed to others, and gone when it is answered or fails", arguments: [false, true])
    func request(fails: Bool) async throws {
        try await TemporaryDirectory.with { folder in
            let spool = try await SubmissionSpool(in: folder + "/uploads")
            let result: Result<String, any Error>
            do {
                result = .success(
                    try await spool.holding(4, from: .network) { request in
                        let file = try request.file(0)
                        for piece in ["ab", "", "cd"] { try Array(piece.utf8).withUnsafeBytes { try file.append($0) } }
                        #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "abcd")
                        #expect(Self.mode(file.path) == 0o600)
                        #expect(Self.mode((file.path as NSString).deletingLastPathComponent) == 0o700)
                        #expect(Self.mode(folder + "/uploads") == 0o700)
                        if fails { throw FledgeError("data.empty", "m") }
                        return "done"
                    })
            } catch { result = .failure(error) }
            #expect(fails == ((try? result.get()) == nil))
            // The folder of the process is left.
            #expect(try Self.content(folder + "/uploads").count == 1)
        }
    }

    @Test("what a process left that has ended goes at the next start; what one has that runs does not")
    func sweep() async throws {
        try await TemporaryDirectory.with { folder in
            let uploads = folder + "/uploads"
            let running = try await SubmissionSpool(in: uploads)
            let own = try Self.content(uploads)
            try FileManager.default.createDirectory(
                atPath: uploads + "/left/request", withIntermediateDirectories: true)
            try Data("rows".utf8).write(to: URL(filePath: uploads + "/left/request/0"))
            let outside = folder + "/outside"
            try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: false)
            try Data("mine".utf8).write(to: URL(filePath: outside + "/rows.csv"))
            try FileManager.default.createSymbolicLink(atPath: uploads + "/link", withDestinationPath: outside)
            let next = try await SubmissionSpool(in: uploads)
            let names = try FileManager.default.contentsOfDirectory(atPath: uploads)
            #expect(names.contains(own[0]) && !names.contains("left") && names.count == 3)
            #expect(try Self.content(outside) == ["rows.csv"])
            withExtendedLifetime((running, next)) {}
        }
    }

    @Test("requests at once bring at most twice what one may, and the next is told to try again")
    func room() async throws {
        try await TemporaryDirectory.with { folder in
            let spool = try await SubmissionSpool(
                in: folder + "/uploads", limits: SubmissionLimits(fileBytes: 100, requestBytes: 100, files: 1))
            try await spool.holding(100, from: .network) { _ in
                try await spool.holding(100, from: .network) { _ in
                    let error = await #expect(throws: FledgeError.self) {
                        try await spool.holding(1, from: .network) { _ in }
                    }
                    #expect(error?.code == "request.too_many_uploads" && error?.disposition == .transient)
                    // Those of the network take no room from the operator's.
                    try await spool.holding(100, from: .socket) { _ in }
                    // What brings nothing takes no room.
                    try await spool.holding(0, from: .network) { _ in }
                }
                try await spool.holding(1, from: .network) { _ in }
            }
        }
    }
}
