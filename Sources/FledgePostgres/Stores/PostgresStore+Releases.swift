import FledgeCore
import FledgeEngine
import Foundation
import PostgresClient

/// Releases, and the pointers that say which one is in use.
enum ReleaseStatement: String, StoredStatement {
    case release = "SELECT id FROM release WHERE cycle_id = $1 AND candidate_id = $2"
    case useCaseOfCycle = """
        SELECT u.id FROM use_case u JOIN cycle c ON c.use_case_id = u.id WHERE c.id = $1 FOR NO KEY UPDATE OF u
        """
    case makeRelease = """
        INSERT INTO release (use_case_id, number, cycle_id, candidate_id, adapter, bundle)
        SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5::jsonb FROM release WHERE use_case_id = $1
        RETURNING id
        """
    case champion = "SELECT release_id FROM release_pointer WHERE use_case_id = $1 AND role = 'champion' FOR UPDATE"
    case movePointer = """
        INSERT INTO release_pointer (use_case_id, role, release_id) VALUES ($1, 'champion', $2)
        ON CONFLICT (use_case_id, role) DO UPDATE SET release_id = EXCLUDED.release_id, moved_at = now()
        """
    case recordMove = """
        INSERT INTO pointer_move (use_case_id, role, from_release, to_release, actor, reason)
        VALUES ($1, 'champion', $2, $3, $4, $5)
        """
    case numbered = "SELECT id FROM release WHERE use_case_id = $1 AND number = $2"
    case releases = """
        SELECT r.id, r.number, c.number AS cycle, r.bundle, r.created_at, p.release_id IS NOT NULL AS is_champion
        FROM release r JOIN cycle c ON c.id = r.cycle_id
        LEFT JOIN release_pointer p ON p.use_case_id = r.use_case_id AND p.role = 'champion' AND p.release_id = r.id
        WHERE r.use_case_id = $1 ORDER BY r.number
        """
    case adaptersLastUsed = """
        SELECT adapter FROM (
            SELECT r.adapter, p.moved_at AS at FROM release_pointer p JOIN release r ON r.id = p.release_id
            WHERE r.adapter IS NOT NULL
            UNION ALL
            SELECT j.adapter, a.created_at FROM training_job j JOIN cycle c ON c.id = j.cycle_id
            JOIN adapter a ON a.digest = j.adapter WHERE c.ended_at IS NULL
        ) AS used GROUP BY adapter ORDER BY max(at) DESC, adapter LIMIT $1
        """
}

extension PostgresStore: ReleaseStore {
    package func makeRelease(_ bundle: ReleaseBundle, cycle: CycleID) async throws -> Release {
        let candidate = bundle.candidate.id
        let document = try StoredJSON.text(of: bundle)
        let (useCase, id) = try await transaction { connection in
            guard let row = try await connection.rows(ReleaseStatement.useCaseOfCycle, [cycle]).first else {
                throw FledgeError("cycle.unknown", "there is no cycle \(cycle)", exitCode: .usage)
            }
            let useCase = try row.get("id", as: UseCaseID.self)
            if let made = try await connection.rows(ReleaseStatement.release, [cycle, candidate]).first {
                return (useCase, try made.get("id", as: ReleaseID.self))
            }
            let made = try await connection.rows(
                ReleaseStatement.makeRelease, [useCase, cycle, candidate, bundle.candidate.adapter, document])
            guard let id = try made.first?.get("id", as: ReleaseID.self) else { throw Self.nothingCameBack }
            try await Self.moveChampion(
                of: useCase, to: id, actor: bundle.approvedBy, reason: "its gate passed", connection)
            return (useCase, id)
        }
        return try await release(id, of: useCase)
    }

    package func releases(of useCase: UseCaseID) async throws -> [Release] {
        try await rows(ReleaseStatement.releases, [useCase]).map { row in
            Release(
                id: try row.get("id", as: ReleaseID.self), number: try row.get("number", as: Int.self),
                cycle: try row.get("cycle", as: Int.self), bundle: try row.json("bundle", as: ReleaseBundle.self),
                createdAt: try row.get("created_at", as: Date.self),
                isChampion: try row.get("is_champion", as: Bool.self))
        }
    }

    package func moveChampion(
        of useCase: UseCaseID, to number: Int, actor: String, reason: String
    ) async throws -> Release {
        let id = try await transaction { connection in
            _ = try await connection.rows(CycleStatement.lockUseCase, [useCase])
            guard let row = try await connection.rows(ReleaseStatement.numbered, [useCase, number]).first else {
                throw FledgeError(
                    "release.unknown", "there is no release \(number)",
                    hint: "fledge release list shows those there are",
                    exitCode: .usage)
            }
            let id = try row.get("id", as: ReleaseID.self)
            try await Self.moveChampion(of: useCase, to: id, actor: actor, reason: reason, connection)
            return id
        }
        return try await release(id, of: useCase)
    }

    /// Moves the pointer and records who moved it from where; does nothing when it is there already.
    private static func moveChampion(
        of useCase: UseCaseID, to id: ReleaseID, actor: String, reason: String, _ connection: PostgresConnection
    ) async throws {
        let current = try await connection.rows(ReleaseStatement.champion, [useCase]).first
        let from = try current?.get("release_id", as: ReleaseID.self)
        guard from != id else { return }
        try await connection.pipeline([
            PostgresStatement(ReleaseStatement.movePointer, [useCase, id]),
            PostgresStatement(ReleaseStatement.recordMove, [useCase, from, id, actor, reason]),
        ])
    }

    private func release(_ id: ReleaseID, of useCase: UseCaseID) async throws -> Release {
        guard let release = try await releases(of: useCase).first(where: { $0.id == id }) else {
            throw Self.nothingCameBack
        }
        return release
    }

    package func adaptersLastUsed(_ limit: Int) async throws -> [AdapterDigest] {
        try await rows(ReleaseStatement.adaptersLastUsed, [limit]).map { try $0.get("adapter", as: AdapterDigest.self) }
    }
}
