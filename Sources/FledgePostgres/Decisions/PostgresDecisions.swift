import FledgeCore
import FledgeEngine
import PostgresClient

/// The results of gates, each of which is a look at the holdout, and decisions. What is stored first for a look is
/// never replaced.
enum DecisionStatement: String, StoredStatement {
    case storeGate = """
        INSERT INTO gate (cycle_id, experiment_id, candidate_id, look, verdict, result)
        VALUES ($1, $2, $3, $4, $5, $6::jsonb) ON CONFLICT (cycle_id, look) DO NOTHING
        """
    case gates = "SELECT result FROM gate WHERE cycle_id = $1 ORDER BY look"
    case gatesOfNumber = """
        SELECT g.result FROM gate g JOIN cycle c ON c.id = g.cycle_id
        WHERE c.use_case_id = $1 AND c.number = $2 ORDER BY g.look
        """
    case storeDecision = """
        INSERT INTO decision (cycle_id, look, kind, record) VALUES ($1, $2, $3, $4::jsonb)
        ON CONFLICT (cycle_id, look) DO NOTHING
        """
    // Decisions are only ever added, one cycle of a use case after the other: the order of their ids numbers them for good.
    case decisions = """
        SELECT record, number FROM (
            SELECT d.cycle_id, d.look, d.record, row_number() OVER (ORDER BY d.id) AS number
            FROM decision d JOIN cycle c ON c.id = d.cycle_id
            WHERE c.use_case_id = (SELECT use_case_id FROM cycle WHERE id = $1)) numbered
        WHERE cycle_id = $1 ORDER BY look
        """
    case decision = """
        SELECT d.record FROM decision d JOIN cycle c ON c.id = d.cycle_id
        WHERE c.use_case_id = $1 ORDER BY d.id OFFSET $2::bigint - 1 LIMIT 1
        """
}

/// The results of gates, and decisions.
package struct PostgresDecisions: DecisionStore {
    let database: Database

    package func storeGate(_ result: GateResult, cycle: CycleID, experiment: ExperimentID) async throws {
        try await database.change(
            DecisionStatement.storeGate,
            [
                cycle, experiment, result.candidate, result.look, result.verdict.rawValue,
                try JSONProfile.stored.text(of: result),
            ])
    }

    package func gates(of cycle: CycleID) async throws -> [GateResult] {
        try await database.rows(DecisionStatement.gates, [cycle]).map { try $0.json("result", as: GateResult.self) }
    }

    /// - Parameter number: the cycle's number among the cycles of its use case.
    func gates(ofCycle number: Int, useCase: UseCaseID) async throws -> [GateResult] {
        try await database.rows(DecisionStatement.gatesOfNumber, [useCase, number]).map {
            try $0.json("result", as: GateResult.self)
        }
    }

    package func storeDecision(_ decision: Decision, cycle: CycleID, look: Int) async throws {
        try await database.change(
            DecisionStatement.storeDecision,
            [cycle, look, decision.kind.rawValue, try JSONProfile.stored.text(of: decision)])
    }

    package func decisions(of cycle: CycleID) async throws -> [Decision] {
        try await database.rows(DecisionStatement.decisions, [cycle]).map { row in
            var decision = try row.json("record", as: Decision.self)
            decision.number = try row.get("number", as: Int.self)
            return decision
        }
    }

    package func decision(_ number: Int, of useCase: UseCaseID) async throws -> Decision? {
        guard number >= 1,
            let row = try await database.rows(DecisionStatement.decision, [useCase, number]).first
        else { return nil }
        var decision = try row.json("record", as: Decision.self)
        decision.number = number
        return decision
    }
}
