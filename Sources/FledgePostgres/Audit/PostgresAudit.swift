import FledgeCore
import FledgeEngine
import PostgresClient

/// The chain of evidence, as it is read and verified.
package struct PostgresAudit: AuditStore {
    let database: Database

    package func auditHead(of useCase: UseCaseID) async throws -> AuditHead {
        guard let row = try await database.rows(AuditStatement.head, [useCase]).first else {
            throw FledgeError.nothingCameBack
        }
        return try Self.head(in: row)
    }

    private static func head(in row: PostgresRow) throws -> AuditHead {
        AuditHead(
            entries: try row.get("entries", as: Int.self), hash: try row.get("hash", as: String.self),
            transitions: try row.get("transitions", as: Int.self),
            historyHash: try row.get("history_hash", as: String.self))
    }

    /// Every statement sees the chain and its rows at one moment, so that what is written meanwhile is no finding.
    package func audit(_ useCase: UseCaseID, cycle: CycleID?) async throws -> AuditReading {
        let chain = try await auditEntries(of: useCase, after: 0)
        var tallies = try await database.rows(AuditStatement.compare, [useCase, "rows", nil]).map(Self.tally)
        var subjects: [String] = []
        for row in try await database.rows(AuditStatement.subjects, [useCase, cycle]) {
            let kind = try row.get("kind", as: String.self)
            let subject = try row.get("subject", as: String.self)
            subjects.append("\(kind) \(subject)")
            tallies += try await database.rows(AuditStatement.compare, [useCase, kind, subject]).map { row in
                var tally = try Self.tally(row)
                if kind == "experiment" { tally.rows = tally.rows.map { "\(subject)/\($0)" } }
                return tally
            }
        }
        let links = try await database.rows(AuditStatement.links, [useCase, subjects, cycle]).map { row in
            (try row.choice("link", as: AuditReading.Link.self), try row.get("subject", as: String.self))
        }
        let open = try await database.rows(AuditStatement.underWay, [useCase]).first?.get("samples", as: Int.self) ?? 0
        let standings = try await database.rows(AuditStatement.standings, [useCase]).map { row in
            AuditReading.Standing(
                cycle: try row.get("number", as: Int.self), state: try row.get("state", as: String.self),
                sequence: try row.get("sequence", as: Int.self))
        }
        let figures = try await database.rows(AuditStatement.figures, [useCase]).map { row in
            AuditReading.Figure(
                cycle: try row.get("number", as: Int.self), look: try row.get("look", as: Int.self),
                candidate: try row.get("candidate_id", as: CandidateID?.self),
                trainings: try row.get("trainings", as: Int?.self))
        }
        return AuditReading(
            chain: chain, tallies: tallies, links: links, standings: standings, figures: figures, open: open)
    }

    private static func tally(_ row: PostgresRow) throws -> AuditReading.Tally {
        AuditReading.Tally(
            kind: try row.get("kind", as: String.self), state: try row.choice("state", as: AuditRowState.self),
            count: try row.get("count", as: Int.self),
            rows: (try row.get("leaves", as: String?.self) ?? "").split(separator: " ").map(String.init))
    }

    package func auditEntries(of useCase: UseCaseID, after sequence: Int) async throws -> [AuditEntry] {
        try await database.rows(AuditStatement.chain, [useCase, sequence]).map { row in
            AuditEntry(
                useCase: try row.get("use_case_id", as: Int64.self), sequence: try row.get("sequence", as: Int.self),
                kind: try row.get("kind", as: String.self), subject: try row.get("subject", as: String.self),
                change: try row.get("change", as: String.self), format: try row.get("format", as: Int.self),
                leafCount: try row.get("leaf_count", as: Int.self), digest: try row.get("digest", as: String.self),
                historySequence: try row.get("history_sequence", as: Int.self),
                historyHash: try row.get("history_hash", as: String.self),
                isAdopted: try row.get("is_adopted", as: Bool.self),
                atMicroseconds: try row.get("at_microseconds", as: Int64.self),
                note: try row.get("note", as: String.self),
                previousHash: try row.get("previous_hash", as: String.self), hash: try row.get("hash", as: String.self))
        }
    }

    package func auditHashes(
        of useCase: UseCaseID, entry: Int, transition: Int
    ) async throws -> (String?, String?) {
        guard let row = try await database.rows(AuditStatement.hashes, [useCase, entry, transition]).first else {
            throw FledgeError.nothingCameBack
        }
        return (try row.get("entry", as: String?.self), try row.get("transition", as: String?.self))
    }

    package func auditGrowth(since place: AuditGrowth.Place) async throws -> AuditGrowth {
        guard let row = try await database.rows(AuditStatement.places, [place.entry, place.transition]).first else {
            throw FledgeError.nothingCameBack
        }
        let next = AuditGrowth.Place(
            entry: try row.get("entry", as: Int64.self), transition: try row.get("transition", as: Int64.self))
        let grown = try await database.rows(
            AuditStatement.growth, [place.entry, place.transition, next.entry, next.transition]
        ).map { row in
            AuditGrowth.Grown(
                useCase: try row.get("id", as: UseCaseID.self), name: try row.get("name", as: String.self),
                head: try Self.head(in: row))
        }
        return AuditGrowth(grown: grown, next: next)
    }

    package func useCaseNames() async throws -> [String] {
        try await database.rows(AuditStatement.names).map { try $0.get("name", as: String.self) }
    }

    package func championAdapters() async throws -> [(useCase: String, release: Int, adapter: AdapterDigest)] {
        try await database.rows(AuditStatement.championAdapters).map { row in
            (
                try row.get("name", as: String.self), try row.get("number", as: Int.self),
                try row.get("adapter", as: AdapterDigest.self)
            )
        }
    }
}
