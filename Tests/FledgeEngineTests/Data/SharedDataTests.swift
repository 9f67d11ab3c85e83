import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation
import Glibc
import Testing

@testable import FledgeEngine

@Suite("Data that definitions share")
struct SharedDataTests {
    /// Counts how often files are opened, by what the kernel tells of each.
    private final class Openings {
        private let descriptor: Int32

        /// Closings are told of as well: openings that follow each other without one would be told of together.
        init(of paths: [String]) throws {
            descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
            try #require(descriptor >= 0)
            for path in paths {
                try #require(inotify_add_watch(descriptor, path, UInt32(IN_OPEN) | UInt32(IN_CLOSE_NOWRITE)) > 0)
            }
        }

        deinit { close(descriptor) }

        /// How many there were since the last look, for each file that was opened; files are numbered from 1.
        func counted() -> [Int32: Int] {
            var counts: [Int32: Int] = [:]
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = read(descriptor, &bytes, bytes.count)
                guard count > 0 else { return counts }
                bytes.withUnsafeBytes { buffer in
                    // An event has no name behind it where a file is watched, and not a folder.
                    for start in stride(from: 0, to: count, by: MemoryLayout<inotify_event>.size) {
                        let watch = buffer.loadUnaligned(fromByteOffset: start, as: Int32.self)
                        let mask = buffer.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self)
                        if mask & UInt32(IN_OPEN) != 0 { counts[watch, default: 0] += 1 }
                    }
                }
            }
        }
    }

    private static func write(_ name: String, in directory: String, rows: Int) throws {
        let lines = (1...rows).map { number in
            let (answer, size) = (EngineFixture.label(of: "number \(number)"), number < 100 ? "small" : "large")
            return #"{"text": "number \#(number)", "answer": "\#(answer)", "size": "\#(size)"}"#
        }
        try lines.joined(separator: "\n").write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
    }

    private static func request(
        _ name: String, _ path: String, in directory: String, expected: String = "answer", sentAs sent: String? = nil
    ) -> ApplyRequest {
        var definition = EngineFixture.definition()
        definition.name = name
        definition.dataset?.path = path
        definition.dataset?.expected = expected
        return ApplyRequest(
            document: DefinitionDocument(useCase: definition, sourceFile: "\(name).swift", locations: ["dataset": 5]),
            sourceText: "…", directory: directory, actor: "ada", dataPath: sent)
    }

    @Test("is read once for all of them, and gives each what it gives alone", arguments: [false, true])
    func once(isSent: Bool) async throws {
        try await TemporaryDirectory.with { directory in
            let names = ["a.jsonl", "b.jsonl"]
            for (name, rows) in zip(names, [240, 220]) { try Self.write(name, in: directory, rows: rows) }
            let folder = (directory as NSString).lastPathComponent
            // Two files in turn, by several paths; one that is not there; and a field that no row has.
            let requests = [
                ("one", "a.jsonl", "answer"), ("two", "b.jsonl", "answer"), ("three", "./a.jsonl", "size"),
                ("four", "c.jsonl", "answer"), ("five", "../\(folder)/b.jsonl", "answer"),
                ("six", "a.jsonl", "label"), ("seven", "c.jsonl", "answer"),
            ].map { name, path, expected in
                Self.request(
                    name, path, in: directory, expected: expected,
                    sentAs: isSent ? "/home/ada/\((path as NSString).lastPathComponent)" : nil)
            }
            let sent = names.map { ("/home/ada/\($0)", SentFile.spooled("\(directory)/\($0)")) }
            let intake = DefinitionIntake(
                data: isSent ? .sent(Dictionary(uniqueKeysWithValues: sent)) : .disk(.system))
            let openings = try Openings(of: names.map { "\(directory)/\($0)" })
            let together = try intake.check(requests)
            let shared = openings.counted()
            #expect(shared == [1: 1, 2: 1])
            let alone = try requests.map { try intake.check($0) }
            let each = openings.counted()
            #expect(each == [1: 3, 2: 2])
            #expect(together.map(\.diagnostics) == alone.map(\.diagnostics))
            #expect(together.map { $0.submission?.snapshotSHA256 } == alone.map { $0.submission?.snapshotSHA256 })
            #expect(together.map { $0.submission?.rows.count } == [240, 220, 240, nil, 220, nil, nil])
            for (one, other) in zip(together, alone) {
                #expect(one.submission.map { Array($0.rows) } == other.submission.map { Array($0.rows) })
            }
        }
    }
}
