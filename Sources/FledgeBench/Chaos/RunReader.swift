import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient

/// Reads a finished run out of its database, its provider and its log of faults.
struct RunReader {
    let arena: Arena

    func read(isDrained: Bool) async throws -> RunRecord {
        var record = RunRecord()
        record.isDrained = isDrained
        record.useCases = try await useCases()
        record.samples = try await samples()
        record.calls = arena.provider.ledger.calls
        let stalls = try await Takeovers.stalls(arena.pool, lives: arena.daemons.flatMap(\.lives))
        arena.faults.count("leases lost alive", stalls.count)
        record.interruptions = arena.faults.interruptions + stalls
        record.jobs = arena.provider.submissions
        record.firedSlots = try await slots(
            """
            SELECT s.id, (w.payload->>'slot') AS slot FROM work_item w
            JOIN report_schedule s ON s.id::text = w.payload->>'schedule' WHERE w.kind = 'write-report'
            """)
        record.reportedSlots = try await slots(
            "SELECT schedule_id AS id, slot::text AS slot FROM report WHERE schedule_id IS NOT NULL")
        return record
    }

    private func useCases() async throws -> [RunRecord.UseCase] {
        let pool = arena.pool
        let store = PostgresStores(pool: pool, logger: Arena.logger)
        var work: [Int64: [RunRecord.Work]] = [:]
        for row in try await pool.query(
            "SELECT cycle_id, kind, state FROM work_item WHERE cycle_id IS NOT NULL ORDER BY id")
        {
            guard let state = RunRecord.Work.State(rawValue: try row.get("state", as: String.self)) else { continue }
            work[try row.get("cycle_id", as: Int64.self), default: []]
                .append(.init(try row.get("kind", as: String.self), state))
        }
        var cycles: [Int64: [RunRecord.Cycle]] = [:]
        for row in try await pool.query(
            "SELECT id, use_case_id, number, state::text AS state FROM cycle ORDER BY use_case_id, number")
        {
            let state = try JSONDecoder().decode(
                CycleState.self, from: Data(try row.get("state", as: String.self).utf8))
            cycles[try row.get("use_case_id", as: Int64.self), default: []].append(
                .init(
                    number: try row.get("number", as: Int.self), state: state,
                    work: work[try row.get("id", as: Int64.self)] ?? []))
        }
        let asked = askedCalls()
        var useCases: [RunRecord.UseCase] = []
        for row in try await pool.query(Self.namesWithSearchCalls) {
            let id = try row.get("id", as: Int64.self)
            let name = try row.get("name", as: String.self)
            let small = SmallUseCase(named: name)
            useCases.append(
                .init(
                    name: name, history: try await store.history(of: UseCaseID(id)), cycles: cycles[id] ?? [],
                    expectedEnd: small?.expectedEnd, callCap: small?.callCap,
                    paidCalls: try row.get("calls", as: Int.self), spendCap: small?.spendCap,
                    askedCalls: asked[name] ?? 0))
        }
        return useCases
    }

    /// Calls by use case, as the provider counts them.
    private func askedCalls() -> [String: Int] {
        arena.provider.ledger.calls.reduce(into: [:]) { asked, call in
            let question = call.key.split(separator: "\n").last.map(String.init) ?? ""
            if let name = SmallUseCase.name(in: question) { asked[name, default: 0] += 1 }
        }
    }

    private static let namesWithSearchCalls = """
        SELECT u.id, u.name, coalesce((
            SELECT sum(p.paid_calls) FROM cycle c JOIN experiment e ON e.cycle_id = c.id AND e.purpose = 'search'
            JOIN experiment_candidate p ON p.experiment_id = e.id WHERE c.use_case_id = u.id), 0)::int AS calls
        FROM use_case u ORDER BY u.id
        """

    /// Every sample under the key by which the provider knows its question.
    private func samples() async throws -> [RunRecord.Sample] {
        let pool = arena.pool
        var candidates: [String: Candidate] = [:]
        for row in try await pool.query("SELECT id, document::text AS document FROM candidate") {
            candidates[try row.get("id", as: String.self)] = try JSONDecoder().decode(
                Candidate.self, from: Data(try row.get("document", as: String.self).utf8))
        }
        var inputs: [Int64: [String: String]] = [:]
        for row in try await pool.query("SELECT id, inputs::text AS inputs FROM example WHERE split <> 'training'") {
            inputs[try row.get("id", as: Int64.self)] = try JSONDecoder().decode(
                [String: String].self, from: Data(try row.get("inputs", as: String.self).utf8))
        }
        return try await pool.query("SELECT candidate_id, example_id, at, from_cache FROM sample").compactMap { row in
            guard let candidate = candidates[try row.get("candidate_id", as: String.self)],
                let inputs = inputs[try row.get("example_id", as: Int64.self)]
            else { return nil }
            return RunRecord.Sample(
                key: CallLedger.key(
                    model: candidate.adapter?.rawValue ?? candidate.model,
                    messages: candidate.messages(for: inputs).map(\.content)),
                committed: try row.get("at", as: Date.self), isPaid: !(try row.get("from_cache", as: Bool.self)))
        }
    }

    private func slots(_ sql: String) async throws -> [RunRecord.Slot] {
        try await arena.pool.query(sql).map { row in
            let text = try row.get("slot", as: String.self)
            return RunRecord.Slot(schedule: try row.get("id", as: Int64.self), slot: text)
        }
    }
}
