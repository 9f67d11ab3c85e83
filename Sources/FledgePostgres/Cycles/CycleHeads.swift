import FledgeCore
import FledgeDocument
import FledgeEngine
import PostgresClient

/// Reads many cycles' heads in one round trip, each with what its revision says of approval and priority.
struct CycleHeads: Sendable {
    let pool: PostgresPool

    func read(_ asked: [CycleQuestion]) async -> [Result<CycleHead, any Error>] {
        do {
            var heads: [CycleID: Result<CycleHead, any Error>] = [:]
            for row in try await pool.query(CycleHeadStatement.heads.rawValue, [asked.map(\.id.rawValue)]) {
                heads[try row.get("id", as: CycleID.self)] = Result { try Self.head(row) }
            }
            return asked.map { heads[$0.id] ?? .failure(FledgeError.unknownCycle($0.id)) }
        } catch {
            let failure: any Error = (error as? PostgresError).map { FledgeError($0) } ?? error
            return asked.map { _ in .failure(failure) }
        }
    }

    private static func head(_ row: PostgresRow) throws -> CycleHead {
        CycleHead(
            id: try row.get("id", as: CycleID.self), useCase: try row.get("use_case_id", as: UseCaseID.self),
            number: try row.get("number", as: Int.self), state: try row.json("state", as: CycleState.self),
            version: try row.get("version", as: Int64.self),
            needsApproval: try row.get("approval", as: String?.self) == ApprovalMode.manual.rawValue,
            priority: try row.get("priority", as: Int?.self) ?? WorkPriority.range.lowerBound,
            isOver: try row.get("is_over", as: Bool.self))
    }
}

/// Asks for one cycle's head.
struct CycleQuestion: GroupedEntry {
    let id: CycleID
    /// Questions have no subjects that exclude each other: several may ask for the same cycle at once.
    var subjects: [CycleID] { [] }
}

enum CycleHeadStatement: String, StoredStatement {
    // The array comes out of a sub-select for the reason that `lockCycles` has.
    case heads = """
        SELECT c.id, c.use_case_id, c.number, c.state, c.version, c.ended_at IS NOT NULL AS is_over,
               r.document->'useCase'->'production'->>'approval' AS approval,
               (r.document->'useCase'->>'priority')::int AS priority
        FROM cycle c JOIN definition_revision r ON r.id = c.revision_id
        WHERE c.id = ANY ((SELECT $1::bigint[])::bigint[])
        """
}
