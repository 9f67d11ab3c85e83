import FledgeCore
import FledgeEngine
import PostgresClient

/// What a search keeps besides experiments and samples.
enum SearchStatement: String, StoredStatement {
    case recordCall = """
        INSERT INTO search_call (cycle_id, request_sha256, round, purpose, model, prompt_tokens, completion_tokens,
                                 cost_micro_dollars)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (cycle_id, request_sha256) DO NOTHING
        """
    case recordFinding = "UPDATE experiment SET finding = $2::jsonb WHERE id = $1"
    case findings = """
        SELECT round, finding FROM experiment WHERE cycle_id = $1 AND purpose = 'search' AND finding IS NOT NULL
        """
}

/// The calls of searches besides samples, and what rounds found.
package struct PostgresSearch: SearchStore {
    let database: Database

    package func record(_ call: SearchCall) async throws {
        var answer = call.completion
        answer.text = answer.text.storable
        answer.finishReason = answer.finishReason.storable
        let response = try JSONProfile.stored.text(of: answer)
        let statements = [
            PostgresStatement(
                SearchStatement.recordCall,
                [
                    call.cycle, call.request.rawValue, call.round, call.purpose.rawValue, call.model,
                    call.promptTokens, call.completionTokens, call.costMicroDollars,
                ])
        ]
        // A call without an answer is not cached, so that it is made again.
        let kept =
            answer.isWhole
            ? [PostgresStatement(ExperimentStatement.writeAnswers, [[call.request.rawValue], [response]])] : []
        try await database.transaction { connection in
            _ = try await connection.pipeline(statements + kept + PostgresSpend.charge(call.charges))
        }
    }

    package func recordFinding(_ finding: SearchFinding, experiment: ExperimentID) async throws {
        try await database.change(
            SearchStatement.recordFinding, [experiment, try JSONProfile.stored.text(of: finding)])
    }

    package func findings(of cycle: CycleID) async throws -> [Int: SearchFinding] {
        var findings: [Int: SearchFinding] = [:]
        for row in try await database.rows(SearchStatement.findings, [cycle]) {
            findings[try row.get("round", as: Int.self)] = try row.json("finding", as: SearchFinding.self)
        }
        return findings
    }
}
