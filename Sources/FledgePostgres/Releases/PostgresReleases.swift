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
        RETURNING id, number
        """
    case champion = """
        SELECT p.release_id, r.number FROM release_pointer p JOIN release r ON r.id = p.release_id
        WHERE p.use_case_id = $1 AND p.role = 'champion' FOR UPDATE OF p
        """
    case movePointer = """
        INSERT INTO release_pointer (use_case_id, role, release_id) VALUES ($1, 'champion', $2)
        ON CONFLICT (use_case_id, role) DO UPDATE SET release_id = EXCLUDED.release_id, moved_at = now()
        """
    case recordMove = """
        INSERT INTO pointer_move (use_case_id, role, from_release, to_release, actor, reason)
        VALUES ($1, 'champion', $2, $3, $4, $5)
        """
    case numbered = "SELECT id FROM release WHERE use_case_id = $1 AND number = $2::bigint"
    case releases = """
        SELECT r.id, r.number, c.number AS cycle, r.bundle, r.created_at, p.release_id IS NOT NULL AS is_champion
        FROM release r JOIN cycle c ON c.id = r.cycle_id
        LEFT JOIN release_pointer p ON p.use_case_id = r.use_case_id AND p.role = 'champion' AND p.release_id = r.id
        WHERE r.use_case_id = $1 ORDER BY r.number
        """
    case moves = """
        SELECT f.number AS from_number, t.number AS to_number, m.actor, m.reason, m.at
        FROM pointer_move m JOIN release t ON t.id = m.to_release LEFT JOIN release f ON f.id = m.from_release
        WHERE m.use_case_id = $1 AND m.role = 'champion' ORDER BY m.id
        """
    case adaptersLastUsed = """
        SELECT used.adapter FROM (
            SELECT r.adapter, p.moved_at AS at FROM release_pointer p JOIN release r ON r.id = p.release_id
            WHERE r.adapter IS NOT NULL
            UNION ALL
            SELECT j.adapter, a.created_at FROM training_job j JOIN cycle c ON c.id = j.cycle_id
            JOIN adapter a ON a.digest = j.adapter WHERE c.ended_at IS NULL
        ) AS used JOIN adapter b ON b.digest = used.adapter
        WHERE $2::text IS NULL OR b.base_sha256 = $2
        GROUP BY used.adapter ORDER BY max(used.at) DESC, used.adapter LIMIT $1
        """
}

/// Releases, and the pointers to the champions.
package struct PostgresReleases: ReleaseStore {
    let database: Database

    package func makeRelease(_ bundle: ReleaseBundle, cycle: CycleID) async throws -> Release {
        let candidate = bundle.candidate.id
        let document = try JSONProfile.stored.text(of: bundle)
        let (useCase, id) = try await database.transaction { connection in
            guard let row = try await connection.rows(ReleaseStatement.useCaseOfCycle, [cycle]).first else {
                throw FledgeError("cycle.unknown", "there is no cycle \(cycle)")
            }
            let useCase = try row.get("id", as: UseCaseID.self)
            if let made = try await connection.rows(ReleaseStatement.release, [cycle, candidate]).first {
                return (useCase, try made.get("id", as: ReleaseID.self))
            }
            // The entry of the history belongs to this cycle, so the cycle has to be open: one that has ended, or was
            // retired, makes no release any more.
            guard let pin = try await CyclePin.locked(cycle: cycle, of: useCase, connection), pin.isOpen else {
                throw FledgeError(
                    "release.cycle_ended", "its cycle has ended", hint: "fledge status shows where it stands")
            }
            let made = try await connection.rows(
                ReleaseStatement.makeRelease, [useCase, cycle, candidate, bundle.candidate.adapter, document])
            guard let row = made.first else { throw FledgeError.nothingCameBack }
            let id = try row.get("id", as: ReleaseID.self)
            try await Self.moveChampion(
                of: pin, to: (id, try row.get("number", as: Int.self)), actor: bundle.approvedBy,
                reason: "its gate passed", connection)
            return (useCase, id)
        }
        return try await release(id, of: useCase)
    }

    package func releases(of useCase: UseCaseID) async throws -> [Release] {
        let moves = Dictionary(grouping: try await moves(of: useCase), by: \.to)
        return try await database.rows(ReleaseStatement.releases, [useCase]).map { row in
            let number = try row.get("number", as: Int.self)
            return Release(
                id: try row.get("id", as: ReleaseID.self), number: number,
                cycle: try row.get("cycle", as: Int.self), bundle: try row.json("bundle", as: ReleaseBundle.self),
                createdAt: try row.get("created_at", as: Date.self),
                isChampion: try row.get("is_champion", as: Bool.self), moves: moves[number] ?? [])
        }
    }

    private func moves(of useCase: UseCaseID) async throws -> [ChampionMove] {
        try await database.rows(ReleaseStatement.moves, [useCase]).map { row in
            ChampionMove(
                from: try row.get("from_number", as: Int?.self), to: try row.get("to_number", as: Int.self),
                actor: try row.get("actor", as: String.self), reason: try row.get("reason", as: String.self),
                at: try row.get("at", as: Date.self))
        }
    }

    package func moveChampion(
        of useCase: UseCaseID, to number: Int, actor: String, reason: String
    ) async throws -> Release {
        let id = try await database.transaction { connection in
            _ = try await connection.rows(CycleStatement.lockUseCase, [useCase])
            guard let row = try await connection.rows(ReleaseStatement.numbered, [useCase, number]).first,
                let pin = try await CyclePin.locked(useCase, connection)
            else {
                throw FledgeError(
                    "release.unknown", "there is no release \(number)",
                    hint: "fledge release list shows those there are")
            }
            let id = try row.get("id", as: ReleaseID.self)
            try await Self.moveChampion(of: pin, to: (id, number), actor: actor, reason: reason, connection)
            return id
        }
        return try await release(id, of: useCase)
    }

    /// Moves the pointer, and records who moved it, from where and why, in the history as well; does nothing when it is
    /// there already.
    private static func moveChampion(
        of pin: CyclePin, to release: (id: ReleaseID, number: Int), actor: String, reason: String,
        _ connection: PostgresConnection
    ) async throws {
        let current = try await connection.rows(ReleaseStatement.champion, [pin.useCase]).first
        let from = try current?.get("release_id", as: ReleaseID.self)
        guard from != release.id else { return }
        let event = CycleEvent.championMoved(
            from: try current?.get("number", as: Int.self), to: release.number, reason: reason)
        try await pin.note(event, actor: actor, connection)
        try await connection.pipeline([
            PostgresStatement(ReleaseStatement.movePointer, [pin.useCase, release.id]),
            PostgresStatement(ReleaseStatement.recordMove, [pin.useCase, from, release.id, actor, reason]),
        ])
    }

    private func release(_ id: ReleaseID, of useCase: UseCaseID) async throws -> Release {
        guard let release = try await releases(of: useCase).first(where: { $0.id == id }) else {
            throw FledgeError.nothingCameBack
        }
        return release
    }

    package func adaptersLastUsed(_ limit: Int, of base: Digest?) async throws -> [AdapterDigest] {
        try await database.rows(ReleaseStatement.adaptersLastUsed, [limit, base])
            .map { try $0.get("adapter", as: AdapterDigest.self) }
    }
}
