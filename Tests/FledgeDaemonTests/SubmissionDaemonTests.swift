import FledgeClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
import Testing

@Suite("Data that is sent to the real daemon", .serialized)
struct SubmissionDaemonTests {
    private static let server = "http://127.0.0.1:9/v1"

    /// Most of the resident memory that the process has had so far, in bytes.
    private static func peak(_ process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let kibibytes = try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/)?.1)
        return try #require(Int(kibibytes)) * 1024
    }

    private static func uploads(_ daemon: TestDaemon) throws -> [String] {
        // The folder of the daemon's own process is there while it runs.
        let uploads = daemon.state + "/uploads"
        return try FileManager.default.contentsOfDirectory(atPath: uploads).flatMap {
            try FileManager.default.subpathsOfDirectory(atPath: "\(uploads)/\($0)")
        }
    }

    @Test("100 MiB go through the socket while the daemon holds them once, as it reads them, and not for the sending")
    func memory() async throws {
        try await TestDaemon.with { daemon in
            let request = try CrashUseCase.prompted(server: Self.server, in: daemon.data)
            // As it is small: what a first check takes is there already.
            _ = try await daemon.client.plan(request)
            let size = try Self.grow(daemon.data + "/data.jsonl", to: 100 << 20)
            let process = try #require(daemon.processID)
            let before = try Self.peak(process)
            let plan = try await daemon.client.plan(request)
            #expect(plan.isNew && !plan.diagnostics.contains { $0.severity == .error }, "\(plan.diagnostics)")
            // The reader has the whole file once, and the columns that the definition names.
            let grown = try Self.peak(process) - before
            #expect(grown < size + 80 << 20, "the daemon took \(grown >> 20) MiB more for \(size >> 20) MiB")
            #expect(try Self.uploads(daemon) == [])
        }
    }

    /// Adds a field that no definition names to each row.
    private static func grow(_ path: String, to size: Int) throws -> Int {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let noise = String(repeating: "noise ", count: size / lines.count / 6)
        let text = lines.map { "\($0.dropLast()),\"noise\":\"\(noise)\"}\n" }.joined()
        try Data(text.utf8).write(to: URL(filePath: path))
        return text.utf8.count
    }

    @Test("what a daemon leaves that is killed while data comes goes when it starts again")
    func crash() async throws {
        try await TestDaemon.with { daemon in
            let left = daemon.state + "/uploads/killed/request"
            let own = try FileManager.default.contentsOfDirectory(atPath: daemon.state + "/uploads")
            try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
            try Data("rows".utf8).write(to: URL(filePath: left + "/0"))
            try await daemon.kill()
            try await daemon.start()
            let names = try FileManager.default.contentsOfDirectory(atPath: daemon.state + "/uploads")
            #expect(names.count == 1 && names != own)
            let applied = try await daemon.client.apply(
                try CrashUseCase.prompted(server: Self.server, in: daemon.data)
            ).applied
            #expect(applied?.isNew == true)
            #expect(try Self.uploads(daemon) == [])
        }
    }
}
