import FledgeEngine
import PostgresClient
import Testing

@testable import FledgeCore
@testable import FledgePostgres

@Suite("What stands in columns of JSON")
struct StoredPayloadTests {
    @Test("is read, and written again byte for byte", arguments: StoredPayload.all)
    func again(payload: StoredPayload) throws {
        let lines = try payload.lines
        #expect(!lines.isEmpty)
        for line in lines { #expect(try payload.again(line).text == line) }
    }

    @Test("has every property and every case that it can have, so that a new one is written down as well")
    func coverage() throws {
        var coverage = PayloadCoverage()
        for payload in StoredPayload.all {
            for line in try payload.lines { coverage.add(try payload.again(line).value) }
        }
        #expect(coverage.possible.count > 300)
        #expect(coverage.missing.sorted() == [])
    }

    @Test("has a text written down for each event and each action")
    func names() throws {
        func names(_ payload: String) throws -> Set<String> {
            let payload = try #require(StoredPayload.all.first { $0.name == payload })
            let objects = try payload.lines.map { try JSONProfile.stored.value([String: JSONValue].self, from: $0) }
            return Set(objects.flatMap(\.keys))
        }
        #expect(try names("transition.evidence") == Set(CycleEvent.CodingKeys.allCases.map(\.stringValue)))
        #expect(try names("work_item.payload") == Set(CycleAction.CodingKeys.allCases.map(\.stringValue)))
    }

    @Test("has a text written down for each column of JSON that the schema has")
    func columns() async throws {
        let columns = try await StoresFixture.run { fixture in
            try await fixture.pool.query(
                """
                SELECT table_name || '.' || column_name AS name FROM information_schema.columns
                WHERE table_schema = current_schema() AND data_type IN ('json', 'jsonb')
                """, []
            ).map { try $0.get("name", as: String.self) }
        }
        // The history keeps its events as text, since their bytes are hashed.
        #expect(Set(columns).union(["transition.evidence"]) == Set(StoredPayload.all.map(\.column)))
    }

    @Test("is the same where it is written piece by piece")
    func byHand() throws {
        for payload in StoredPayload.all {
            for line in try payload.lines {
                switch try payload.again(line).value {
                case let state as CycleState: #expect(state.storedJSON == line)
                case let action as CycleAction: #expect(action.storedJSON == line)
                case let completion as Completion: #expect(completion.storedJSON == line)
                default: break
                }
            }
        }
    }
}
