import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation
import Testing

@testable import FledgeEngine

@Suite("Where data is read from")
struct DataPlacesTests {
    /// A folder of the definition's author and one of the daemon's, each with data.
    private static func with(
        _ body: (_ own: String, _ state: String, _ check: (String) throws -> [Diagnostic]) throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let (own, state) = (directory + "/own", directory + "/state")
            for folder in [own, state] {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
                try #"{"text": "number 1", "answer": "odd"}"#.write(
                    toFile: folder + "/data.jsonl", atomically: true, encoding: .utf8)
            }
            try body(own, state) { path in
                var definition = EngineFixture.definition()
                definition.dataset?.path = path
                return try DefinitionIntake(data: .disk(.system.refusing([state]))).check(
                    ApplyRequest(
                        document: DefinitionDocument(
                            useCase: definition, sourceFile: "parity.swift", locations: ["dataset": 7]),
                        sourceText: "…", directory: own, actor: "ada")
                ).diagnostics
            }
        }
    }

    private static func isRefused(_ diagnostics: [Diagnostic]) -> Bool {
        diagnostics.contains {
            $0.code == "data.not_allowed" && $0.severity == .error && $0.file == "parity.swift" && $0.line == 7
        }
    }

    @Test("nothing is read from the daemon's folders or the kernel's, by whatever path or link")
    func refused() async throws {
        try await Self.with { own, state, check in
            let files = FileManager.default
            try files.createSymbolicLink(atPath: own + "/link.jsonl", withDestinationPath: state + "/data.jsonl")
            try files.createSymbolicLink(atPath: own + "/folder", withDestinationPath: state)
            try files.createSymbolicLink(atPath: own + "/environ.jsonl", withDestinationPath: "/proc/self/environ")
            for path in [
                state + "/data.jsonl", "../state/data.jsonl", "link.jsonl", "folder/data.jsonl", "environ.jsonl",
                "/proc/self/environ.jsonl", "/sys/x.csv", "/dev/x.csv",
                // Nor is it told whether there is such a file.
                state + "/none.jsonl", "folder/none.jsonl",
            ] {
                #expect(Self.isRefused(try check(path)), "\(path)")
            }
            #expect(try !check("data.jsonl").contains { $0.code == "data.not_allowed" })
            #expect(try check("none.jsonl").contains { $0.code == "data.missing" })
            // A name that only begins alike is another folder's.
            #expect(try check(state + "-2/data.jsonl").contains { $0.code == "data.missing" })
        }
    }

    @Test("a link that is changed after the look leads nowhere: what was opened is looked at too")
    func opened() async throws {
        try await Self.with { own, state, _ in
            let handle = try #require(FileHandle(forReadingAtPath: state + "/data.jsonl"))
            defer { try? handle.close() }
            let error = #expect(throws: FledgeError.self) {
                try DataPlaces.system.refusing([state]).check(handle, named: own + "/data.jsonl")
            }
            #expect(error?.code == "data.not_allowed" && error?.place == own + "/data.jsonl")
        }
    }
}
