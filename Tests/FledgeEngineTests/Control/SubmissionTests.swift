import FledgeCore
import FledgeDocument
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Testing

@testable import FledgeEngine

@Suite("Definitions that are applied together")
struct SubmissionTests {
    /// A definition of a name, of the fixture's data.
    private static func request(
        _ name: String, in fixture: EngineFixture, change: (inout UseCaseDefinition) -> Void = { _ in }
    ) -> ApplyRequest {
        var definition = EngineFixture.definition()
        definition.name = name
        change(&definition)
        return ApplyRequest(
            document: DefinitionDocument(
                useCase: definition, sourceFile: "\(name).swift",
                locations: ["useCase": 3, "dataset": 6, "models[0]": 9]),
            sourceText: "…", directory: fixture.directory, actor: "ada")
    }

    private static func rows(_ fixture: EngineFixture, _ table: String) async throws -> Int {
        try await fixture.pool.query("SELECT count(*)::int AS n FROM \(table)")[0].get("n", as: Int.self)
    }

    private static func isEmpty(_ fixture: EngineFixture) async throws -> Bool {
        for table in ["use_case", "definition_revision", "dataset_snapshot", "cycle"]
        where try await rows(fixture, table) > 0 { return false }
        return true
    }

    @Test("where one is bad none is stored, and the problems of all are told", arguments: [0, 1, 2])
    func oneIsBad(place: Int) async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            var requests = ["one", "two"].map { Self.request($0, in: fixture) }
            requests.insert(
                Self.request("bad", in: fixture) {
                    $0.priority = 1_000_000
                    $0.dataset?.path = "none.jsonl"
                }, at: place)
            let alone = try requests.map { try DefinitionIntake(keys: KeyRules.none).check($0).diagnostics }
            let results = try await fixture.control.apply(Submission(requests))
            #expect(results.map(\.diagnostics) == alone && results.allSatisfy { $0.applied == nil })
            let errors = results[place].diagnostics.filter { $0.severity == .error }.map(\.code)
            #expect(errors.contains("data.missing") && errors.count > 1)
            #expect(try await Self.isEmpty(fixture))
        }
    }

    @Test("good ones are stored, and the cycle of each starts; once more, nothing changes")
    func good() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            let requests = ["two", "one"].map { Self.request($0, in: fixture) }
            let plans = try await fixture.control.plan(Submission(requests))
            #expect(plans.map(\.name) == ["two", "one"] && plans.allSatisfy { $0.effect?.kind == .startsCycle })
            #expect(try await Self.isEmpty(fixture))
            let applied = try await fixture.control.apply(Submission(requests)).map { try #require($0.applied) }
            #expect(applied.allSatisfy { $0.isNew && $0.revision == 1 && $0.startedCycle != nil })
            #expect(try await fixture.store.useCase(named: "two") == applied[0].useCase)
            #expect(try await fixture.store.useCase(named: "one") == applied[1].useCase)
            let again = try await fixture.control.apply(Submission(requests)).map { try #require($0.applied) }
            #expect(again.map(\.useCase) == applied.map(\.useCase))
            #expect(again.allSatisfy { !$0.isNew && $0.startedCycle == nil })
        }
    }

    @Test("two of one name are refused, where the second stands")
    func twice() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            var second = Self.request("one", in: fixture)
            second.document.sourceFile = "other.swift"
            let results = try await fixture.control.apply(Submission([Self.request("one", in: fixture), second]))
            #expect(!results[0].diagnostics.contains { $0.severity == .error })
            let diagnostic = try #require(results[1].diagnostics.last)
            #expect(diagnostic.code == "definition.named_twice" && diagnostic.severity == .error)
            #expect(diagnostic.file == "other.swift" && diagnostic.line == 3)
            #expect(diagnostic.message.contains("one.swift"))
            #expect(try await Self.isEmpty(fixture))
        }
    }

    @Test("a file that did not come is not opened, whatever its path names on the daemon's disk")
    func notSent() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            // It is there, and could be read.
            var request = Self.request("one", in: fixture)
            for path in [nil, fixture.directory + "/data.jsonl", "/etc/passwd"] {
                request.dataPath = path
                let submission = Submission([request], sent: [:])
                let results = try await fixture.control.apply(submission)
                let error = try #require(results[0].diagnostics.first { $0.severity == .error })
                #expect(error.code == "data.not_sent" && error.file == "one.swift" && error.line == 6)
                #expect(try await fixture.control.plan(submission)[0].effect == nil)
            }
            #expect(try await Self.isEmpty(fixture))
        }
    }

    @Test("what is read is what came, and messages and the snapshot say the path that it had where it came from")
    func clientsPath() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            let place = fixture.directory + "/0"
            let path = "/home/ada/triage/data.jsonl"
            var text = try String(contentsOfFile: fixture.directory + "/data.jsonl", encoding: .utf8)
            // Nothing is left where the definition would find it.
            try FileManager.default.removeItem(atPath: fixture.directory + "/data.jsonl")
            var request = Self.request("one", in: fixture)
            request.dataPath = path
            let submission = Submission([request], sent: [path: .spooled(place)])
            try (text + "\n{\"text\": 3\n").write(toFile: place, atomically: true, encoding: .utf8)
            let refused = try await fixture.control.apply(submission)[0]
            let error = try #require(refused.diagnostics.first { $0.severity == .error })
            #expect(error.file == path && error.line == 241, "\(error)")
            #expect(!refused.diagnostics.contains { "\($0)".contains(place) })
            text += "\n"
            try text.write(toFile: place, atomically: true, encoding: .utf8)
            #expect(try await fixture.control.apply(submission)[0].applied?.isNew == true)
            let stored = try await fixture.pool.query("SELECT source_path FROM dataset_snapshot")
            #expect(try stored.map { try $0.get("source_path", as: String.self) } == [path])
        }
    }

    @Test("what the client says of a file that it could not read is told with the definition's line")
    func clientsProblem() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            var request = Self.request("one", in: fixture)
            request.dataPath = "/home/ada/data.jsonl"
            let error = FledgeError("data.unreadable", "the data file cannot be read", place: "/home/ada/data.jsonl")
            let submission = Submission([request], sent: ["/home/ada/data.jsonl": .failed(error)])
            let told = try await fixture.control.apply(submission)[0].diagnostics.first { $0.severity == .error }
            #expect(told?.code == "data.unreadable" && told?.file == "one.swift" && told?.line == 6)
        }
    }
}
