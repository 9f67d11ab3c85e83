import FledgeCore
import FledgeEngine
import PostgresClient

/// The rows of a snapshot that were moved or left out because of leaks.
enum LeakStatement: String, StoredStatement {
    case settledLeaks = """
        SELECT row_number, from_split, to_split, cause, other_row, prompt FROM settled_leak
        WHERE snapshot_id = $1 ORDER BY row_number
        """
}

extension PostgresCycles {
    static func storeSettledLeaks(
        _ settled: [ResolvedLeak], of snapshot: SnapshotID, _ connection: PostgresConnection
    ) async throws {
        if settled.isEmpty { return }
        let rows: [[(any PostgresEncodable)?]] = settled.map { leak in
            [
                snapshot, leak.row, leak.from.rawValue, leak.to?.rawValue, leak.cause?.kind.rawValue,
                leak.cause?.otherRow, leak.cause?.prompt,
            ]
        }
        try await connection.copyIn(
            "settled_leak",
            columns: ["snapshot_id", "row_number", "from_split", "to_split", "cause", "other_row", "prompt"], rows: rows
        )
    }

    package func settledLeaks(of snapshot: SnapshotID) async throws -> [ResolvedLeak] {
        try await database.rows(LeakStatement.settledLeaks, [snapshot]).map { row in
            let cause =
                try row.get("cause", as: String?.self) == nil
                ? nil
                : ResolvedLeak.Cause(
                    kind: try row.choice("cause", as: LeakFinding.Kind.self),
                    otherRow: try row.get("other_row", as: Int?.self), prompt: try row.get("prompt", as: String?.self))
            return ResolvedLeak(
                row: try row.get("row_number", as: Int.self), from: try row.choice("from_split", as: DatasetSplit.self),
                to: try row.get("to_split", as: String?.self) == nil ? nil : .training, cause: cause)
        }
    }
}
