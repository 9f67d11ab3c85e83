import FledgeCore
import FledgeDocument
import FledgeEngine
import PostgresClient
import Synchronization

/// Reads many cycles' heads in one round trip, and keeps what never changes of them.
final class CycleHeads: Sendable {
    /// What transitions need of a revision, which is immutable.
    private struct Steering: Sendable {
        var needsApproval: Bool
        var priority: Int
    }

    private let pool: PostgresPool
    /// Bounded: a few bytes for each of the revisions that were in use lately.
    private let known = Mutex<[Int64: Steering]>([:])
    private static let maximumKnown = 100_000

    init(pool: PostgresPool) { self.pool = pool }

    func read(_ asked: [CycleQuestion]) async -> [Result<CycleHead, any Error>] {
        do {
            let rows = try await pool.query(
                CycleHeadStatement.heads.rawValue, [asked.map(\.id.rawValue)])
            let steering = try await steering(of: Set(rows.map { try $0.get("revision_id", as: Int64.self) }))
            var heads: [CycleID: Result<CycleHead, any Error>] = [:]
            for row in rows {
                guard let its = steering[try row.get("revision_id", as: Int64.self)] else { continue }
                heads[try row.get("id", as: CycleID.self)] = Result { try Self.head(row, its) }
            }
            return asked.map { heads[$0.id] ?? .failure(PostgresStore.unknownCycle($0.id)) }
        } catch {
            let failure: any Error = (error as? PostgresError).map { FledgeError($0) } ?? error
            return asked.map { _ in .failure(failure) }
        }
    }

    private static func head(_ row: PostgresRow, _ steering: Steering) throws -> CycleHead {
        CycleHead(
            id: try row.get("id", as: CycleID.self), useCase: try row.get("use_case_id", as: UseCaseID.self),
            number: try row.get("number", as: Int.self), state: try row.json("state", as: CycleState.self),
            version: try row.get("version", as: Int64.self), needsApproval: steering.needsApproval,
            priority: steering.priority)
    }

    private func steering(of revisions: Set<Int64>) async throws -> [Int64: Steering] {
        var found = known.withLock { known in
            revisions.reduce(into: [Int64: Steering]()) { $0[$1] = known[$1] }
        }
        let missing = revisions.filter { found[$0] == nil }
        if missing.isEmpty { return found }
        for row in try await pool.query(CycleHeadStatement.steering.rawValue, [Array(missing)]) {
            found[try row.get("id", as: Int64.self)] = Steering(
                needsApproval: try row.get("approval", as: String?.self) == ApprovalMode.manual.rawValue,
                priority: try row.get("priority", as: Int?.self) ?? WorkPriority.range.lowerBound)
        }
        let new = found.filter { missing.contains($0.key) }
        known.withLock { known in
            if known.count + new.count > Self.maximumKnown { known.removeAll() }
            known.merge(new) { _, new in new }
        }
        return found
    }
}

/// Asks for one cycle's head.
struct CycleQuestion: GroupedEntry {
    let id: CycleID
    /// Two may ask for the same at once.
    var subjects: [CycleID] { [] }
}

enum CycleHeadStatement: String, StoredStatement {
    case heads = "SELECT id, use_case_id, number, revision_id, state, version FROM cycle WHERE id = ANY ($1::bigint[])"
    case steering = """
        SELECT id, document->'useCase'->'production'->>'approval' AS approval,
               (document->'useCase'->>'priority')::int AS priority
        FROM definition_revision WHERE id = ANY ($1::bigint[])
        """
}
