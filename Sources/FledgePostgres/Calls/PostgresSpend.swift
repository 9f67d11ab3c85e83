import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import PostgresClient

/// The statements about money: a use case's caps, what is set aside for calls under way, and what was paid.
enum SpendStatement: String, StoredStatement {
    // The caps are those of the latest revision, whichever one a cycle runs on: raising them helps at once.
    case cap = """
        SELECT spend, now() AS now
        FROM (SELECT document->'useCase'->'spend' AS spend FROM definition_revision
              WHERE use_case_id = $1 ORDER BY number DESC LIMIT 1) AS latest
        WHERE jsonb_typeof(spend) = 'object'
        """
    // Periods of all caps, or of the one use case's; each once.
    case periods = """
        SELECT DISTINCT spend->>'period' AS period, coalesce(spend->>'zone', $2) AS zone, now() AS now
        FROM use_case u CROSS JOIN LATERAL (
            SELECT document->'useCase'->'spend' AS spend FROM definition_revision
            WHERE use_case_id = u.id ORDER BY number DESC LIMIT 1) AS latest
        WHERE jsonb_typeof(spend) = 'object'
              AND u.name COLLATE "C" >= coalesce($1, '') AND u.name COLLATE "C" <= coalesce($1, '~')
        """
    // A cap may come in the middle of a period: what was paid since its beginning counts.
    case makeAccount = """
        INSERT INTO spend_account (use_case_id, period, zone, starts_at, ends_at, cap_calls, cap_tokens, cap_micro_dollars,
                                   settled_calls, settled_tokens, settled_micro_dollars)
        SELECT $1::bigint, $2, $3, $4::timestamptz, $5, $6, $7, $8, calls, tokens, cost_micro_dollars
        FROM paid_since($1, $4)
        ON CONFLICT (use_case_id, period, starts_at) DO NOTHING
        """
    case lockAccount = """
        SELECT * FROM spend_account WHERE use_case_id = $1 AND period = $2 AND starts_at = $3 FOR NO KEY UPDATE
        """
    case lockAccountByID = "SELECT id FROM spend_account WHERE id = $1 FOR NO KEY UPDATE"
    case setCaps = """
        UPDATE spend_account SET cap_calls = $2, cap_tokens = $3, cap_micro_dollars = $4 WHERE id = $1
        """
    case lapse = """
        WITH lapsed AS (
            UPDATE spend_reservation SET is_lapsed = true
            WHERE account_id = $1 AND NOT is_lapsed AND leased_until < now()
            RETURNING granted_calls - released_calls AS calls, granted_tokens - released_tokens AS tokens,
                      granted_micro_dollars - released_micro_dollars AS cost
        ), total AS (
            SELECT coalesce(sum(calls), 0)::bigint AS calls, coalesce(sum(tokens), 0)::bigint AS tokens,
                   coalesce(sum(cost), 0)::bigint AS cost FROM lapsed
        )
        UPDATE spend_account a SET
            reserved_calls = a.reserved_calls - t.calls, presumed_calls = a.presumed_calls + t.calls,
            reserved_tokens = a.reserved_tokens - t.tokens, presumed_tokens = a.presumed_tokens + t.tokens,
            reserved_micro_dollars = a.reserved_micro_dollars - t.cost,
            presumed_micro_dollars = a.presumed_micro_dollars + t.cost
        FROM total t WHERE a.id = $1 RETURNING a.*
        """
    case addReserved = """
        UPDATE spend_account SET reserved_calls = reserved_calls + $2, reserved_tokens = reserved_tokens + $3,
               reserved_micro_dollars = reserved_micro_dollars + $4
        WHERE id = $1
        """
    case makeReservation = """
        INSERT INTO spend_reservation (account_id, granted_calls, granted_tokens, granted_micro_dollars, leased_until)
        VALUES ($1, $2, $3, $4, now() + $5::bigint * interval '1 microsecond') RETURNING id
        """
    case extendReservation = """
        UPDATE spend_reservation SET granted_calls = granted_calls + $3, granted_tokens = granted_tokens + $4,
               granted_micro_dollars = granted_micro_dollars + $5, leased_until = now() + $6::bigint * interval '1 microsecond'
        WHERE id = $1 AND account_id = $2 AND NOT is_lapsed RETURNING id
        """
    // The totals carry a number that grows with every write: a write that is repeated, or that arrives after one with a
    // higher number, changes nothing.
    case charge = """
        WITH before AS (
            SELECT * FROM spend_reservation WHERE id = $1 AND number < $2 FOR UPDATE
        ), moved AS (
            UPDATE spend_reservation r SET number = $2, released_calls = $3, released_tokens = $4,
                   released_micro_dollars = $5, paid_calls = $6, paid_tokens = $7, paid_micro_dollars = $8,
                   presumed_calls = $9, presumed_tokens = $10, presumed_micro_dollars = $11,
                   leased_until = greatest(r.leased_until, now() + interval '1 minute')
            FROM before b WHERE r.id = b.id
            RETURNING r.account_id, CASE WHEN b.is_lapsed THEN 0 ELSE 1 END AS held,
                      $3 - b.released_calls AS released_calls, $4 - b.released_tokens AS released_tokens,
                      $5 - b.released_micro_dollars AS released_cost, $6 - b.paid_calls AS paid_calls,
                      $7 - b.paid_tokens AS paid_tokens, $8 - b.paid_micro_dollars AS paid_cost,
                      $9 - b.presumed_calls AS presumed_calls, $10 - b.presumed_tokens AS presumed_tokens,
                      $11 - b.presumed_micro_dollars AS presumed_cost
        )
        UPDATE spend_account a SET
            reserved_calls = a.reserved_calls - m.held * m.released_calls,
            reserved_tokens = a.reserved_tokens - m.held * m.released_tokens,
            reserved_micro_dollars = a.reserved_micro_dollars - m.held * m.released_cost,
            settled_calls = a.settled_calls + m.paid_calls,
            settled_tokens = a.settled_tokens + m.paid_tokens,
            settled_micro_dollars = a.settled_micro_dollars + m.paid_cost,
            presumed_calls = a.presumed_calls + m.presumed_calls - (1 - m.held) * m.released_calls,
            presumed_tokens = a.presumed_tokens + m.presumed_tokens - (1 - m.held) * m.released_tokens,
            presumed_micro_dollars = a.presumed_micro_dollars + m.presumed_cost - (1 - m.held) * m.released_cost
        FROM moved m WHERE a.id = m.account_id
        """
    // A block that was granted twice, because its request was repeated, is given back with the reservation.
    case close = """
        WITH gone AS (DELETE FROM spend_reservation WHERE id = $1 RETURNING *)
        UPDATE spend_account a SET
            reserved_calls = a.reserved_calls
                - CASE WHEN g.is_lapsed THEN 0 ELSE g.granted_calls - g.released_calls END,
            reserved_tokens = a.reserved_tokens
                - CASE WHEN g.is_lapsed THEN 0 ELSE g.granted_tokens - g.released_tokens END,
            reserved_micro_dollars = a.reserved_micro_dollars
                - CASE WHEN g.is_lapsed THEN 0 ELSE g.granted_micro_dollars - g.released_micro_dollars END,
            presumed_calls = a.presumed_calls
                - CASE WHEN g.is_lapsed THEN g.granted_calls - g.released_calls ELSE 0 END,
            presumed_tokens = a.presumed_tokens
                - CASE WHEN g.is_lapsed THEN g.granted_tokens - g.released_tokens ELSE 0 END,
            presumed_micro_dollars = a.presumed_micro_dollars
                - CASE WHEN g.is_lapsed THEN g.granted_micro_dollars - g.released_micro_dollars ELSE 0 END
        FROM gone g WHERE a.id = g.account_id
        """
    // All of them in one look, which makes no account: where the period's first call has not made it yet, what it would begin
    // with is counted. $2 to $5: the periods that caps have at this moment; $6: the zone of those that name none.
    case spends = """
        SELECT u.name, total.calls, total.tokens, total.cost, guessed.calls AS guessed_calls,
               guessed.tokens AS guessed_tokens, guessed.cost AS guessed_cost, rule.*,
               coalesce(a.reserved_calls, 0) AS reserved_calls, coalesce(a.reserved_tokens, 0) AS reserved_tokens,
               coalesce(a.reserved_micro_dollars, 0) AS reserved_micro_dollars,
               coalesce(a.settled_calls, since.calls) AS settled_calls,
               coalesce(a.settled_tokens, since.tokens) AS settled_tokens,
               coalesce(a.settled_micro_dollars, since.cost_micro_dollars) AS settled_micro_dollars,
               coalesce(a.presumed_calls, 0) AS presumed_calls, coalesce(a.presumed_tokens, 0) AS presumed_tokens,
               coalesce(a.presumed_micro_dollars, 0) AS presumed_micro_dollars
        FROM use_case u
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(paid.calls), 0)::bigint AS calls, coalesce(sum(paid.tokens), 0)::bigint AS tokens,
                   coalesce(sum(paid.cost), 0)::bigint AS cost
            FROM cycle c CROSS JOIN LATERAL (
                SELECT sum(p.calls) AS calls, sum(p.tokens) AS tokens, sum(p.cost_micro_dollars) AS cost
                FROM cycle_payment p WHERE p.cycle_id = c.id
            ) AS paid
            WHERE c.use_case_id = u.id
        ) AS total
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(k.presumed_calls), 0)::bigint AS calls, coalesce(sum(k.presumed_tokens), 0)::bigint AS tokens,
                   coalesce(sum(k.presumed_cost_micro_dollars), 0)::bigint AS cost
            FROM cycle c JOIN experiment e ON e.cycle_id = c.id JOIN experiment_candidate k ON k.experiment_id = e.id
            WHERE c.use_case_id = u.id
        ) AS guessed
        LEFT JOIN LATERAL (
            SELECT b.period, b.zone, (latest.spend->>'calls')::bigint AS cap_calls,
                   (latest.spend->>'tokens')::bigint AS cap_tokens,
                   (latest.spend->>'costMicroDollars')::bigint AS cap_micro_dollars, b.starts_at, b.ends_at
            FROM (SELECT document->'useCase'->'spend' AS spend FROM definition_revision
                  WHERE use_case_id = u.id ORDER BY number DESC LIMIT 1) AS latest
            JOIN unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
                 AS b (period, zone, starts_at, ends_at)
                 ON jsonb_typeof(latest.spend) = 'object' AND b.period = latest.spend->>'period'
                    AND b.zone = coalesce(latest.spend->>'zone', $6)) AS rule ON true
        LEFT JOIN spend_account a ON a.use_case_id = u.id AND a.period = rule.period AND a.starts_at = rule.starts_at
        LEFT JOIN LATERAL paid_since(CASE WHEN a.id IS NULL AND rule.period IS NOT NULL THEN u.id END, rule.starts_at)
                  AS since ON true
        WHERE u.name COLLATE "C" >= coalesce($1, '') AND u.name COLLATE "C" <= coalesce($1, '~')
        ORDER BY u.name COLLATE "C"
        """
    case cyclesPastCap = """
        SELECT w.cycle_id FROM capped_cycle w JOIN cycle c ON c.id = w.cycle_id
        WHERE w.retry_at <= $1 AND c.block_code = $2 AND NOT c.is_paused
        ORDER BY w.retry_at, w.cycle_id LIMIT 1000
        """
}

/// What use cases have spent and set aside under their caps.
package struct PostgresSpend: SpendStore {
    let database: Database

    package func reserve(
        _ count: Int, each call: SpendAmount, for useCase: UseCaseID, addingTo reservation: Int64?, lease: Duration
    ) async throws -> SpendGrant {
        guard let row = try await database.rows(SpendStatement.cap, [useCase]).first else { return .uncapped }
        let spend = try row.json("spend", as: SpendDefinition.self)
        let zone = spend.zone ?? CapPeriod.defaultZone
        let period = try CapPeriod(spend.period, zone: zone, containing: try row.get("now", as: Date.self))
        let cap = SpendCap(spend)
        let key: [(any PostgresEncodable)?] = [useCase, spend.period.rawValue, period.startsAt]
        // A block that is granted twice, because its first COMMIT was not heard of, is given back with the reservation.
        return try await database.transaction { connection in
            var found = try await connection.rows(SpendStatement.lockAccount, key).first
            if found == nil {
                try await connection.change(
                    SpendStatement.makeAccount,
                    [
                        useCase, spend.period.rawValue, zone, period.startsAt, period.endsAt, cap.calls, cap.tokens,
                        cap.costMicroDollars,
                    ])
                found = try await connection.rows(SpendStatement.lockAccount, key).first
            }
            guard let found else { throw FledgeError.nothingCameBack }
            let id = try found.get("id", as: Int64.self)
            var account = try Self.account(in: found)
            if account.cap != cap {
                account.cap = cap
                try await connection.change(
                    SpendStatement.setCaps, [id, cap.calls, cap.tokens, cap.costMicroDollars])
            }
            var room = account.room(for: call, atMost: Int64(count))
            if room == 0, account.mayFreeUp, let row = try await connection.rows(SpendStatement.lapse, [id]).first {
                account = try Self.account(in: row)
                account.cap = cap
                room = account.room(for: call, atMost: Int64(count))
            }
            guard room > 0 else { return account.mayFreeUp ? .waiting : .exhausted(account.exhaustion(by: call)) }
            let amount = call * room
            let parameters: [(any PostgresEncodable)?] = [amount.calls, amount.tokens, amount.costMicroDollars]
            try await connection.change(SpendStatement.addReserved, [id] + parameters)
            var made: [PostgresRow] = []
            if let reservation {
                made = try await connection.rows(
                    SpendStatement.extendReservation, [reservation, id] + parameters + [lease.wholeMicroseconds])
            }
            if made.isEmpty {
                made = try await connection.rows(
                    SpendStatement.makeReservation, [id] + parameters + [lease.wholeMicroseconds])
            }
            guard let reservation = try made.first?.get("id", as: Int64.self) else { throw FledgeError.nothingCameBack }
            return .granted(amount, reservation: reservation, account: id)
        }
    }

    package func charge(_ charges: [PurseState.Charge]) async throws {
        let statements = Self.charge(charges)
        if statements.isEmpty { return }
        try await database.transaction { connection in _ = try await connection.pipeline(statements) }
    }

    package func close(_ charges: [PurseState.Charge]) async throws {
        let statements =
            Self.charge(charges) + charges.map { PostgresStatement(SpendStatement.close, [$0.reservation]) }
        if statements.isEmpty { return }
        try await database.transaction { connection in _ = try await connection.pipeline(statements) }
    }

    /// The statements that charge an account, to be run in the transaction that writes what was paid for. They lock the
    /// account before the reservation, in the order of `reserve`, so that the two can't block each other.
    static func charge(_ charges: [PurseState.Charge]) -> [PostgresStatement] {
        let charges = charges.sorted { ($0.account, $0.reservation) < ($1.account, $1.reservation) }
        let locks = charges.map { PostgresStatement(SpendStatement.lockAccountByID, [$0.account]) }
        return locks
            + charges.map { charge in
                let (released, paid, presumed) = (charge.released, charge.paid, charge.presumed)
                return PostgresStatement(
                    SpendStatement.charge,
                    [
                        charge.reservation, charge.number, released.calls, released.tokens,
                        released.costMicroDollars, paid.calls, paid.tokens, paid.costMicroDollars, presumed.calls,
                        presumed.tokens, presumed.costMicroDollars,
                    ])
            }
    }

    package func spends(useCase: String?) async throws -> [UseCaseSpend] {
        let periods = try await database.rows(SpendStatement.periods, [useCase, CapPeriod.defaultZone]).map { row in
            let period = try row.choice("period", as: ForecastPeriod.self)
            let zone = try row.get("zone", as: String.self)
            let moment = try row.get("now", as: Date.self)
            return (period: period, zone: zone, span: try CapPeriod(period, zone: zone, containing: moment))
        }
        return try await database.rows(
            SpendStatement.spends,
            [
                useCase, periods.map(\.period.rawValue), periods.map(\.zone), periods.map(\.span.startsAt),
                periods.map(\.span.endsAt), CapPeriod.defaultZone,
            ]
        ).map { row in
            UseCaseSpend(
                name: try row.get("name", as: String.self),
                total: SpendAmount(
                    calls: try row.get("calls", as: Int64.self), tokens: try row.get("tokens", as: Int64.self),
                    costMicroDollars: try row.get("cost", as: Int64.self)),
                account: try row.get("period", as: String?.self) == nil ? nil : Self.account(in: row),
                presumed: SpendAmount(
                    calls: try row.get("guessed_calls", as: Int64.self),
                    tokens: try row.get("guessed_tokens", as: Int64.self),
                    costMicroDollars: try row.get("guessed_cost", as: Int64.self)))
        }
    }

    package func cyclesPastCap(at moment: Date) async throws -> [CycleID] {
        try await database.rows(SpendStatement.cyclesPastCap, [moment, CycleState.Block.capReached])
            .map { try $0.get("cycle_id", as: CycleID.self) }
    }

    private static func cap(in row: PostgresRow) throws -> SpendCap {
        SpendCap(
            calls: try row.get("cap_calls", as: Int64?.self), tokens: try row.get("cap_tokens", as: Int64?.self),
            costMicroDollars: try row.get("cap_micro_dollars", as: Int64?.self))
    }

    private static func account(in row: PostgresRow) throws -> SpendAccount {
        func amount(_ name: String) throws -> SpendAmount {
            SpendAmount(
                calls: try row.get("\(name)_calls", as: Int64.self),
                tokens: try row.get("\(name)_tokens", as: Int64.self),
                costMicroDollars: try row.get("\(name)_micro_dollars", as: Int64.self))
        }
        return SpendAccount(
            period: try row.choice("period", as: ForecastPeriod.self), zone: try row.get("zone", as: String.self),
            startsAt: try row.get("starts_at", as: Date.self), endsAt: try row.get("ends_at", as: Date.self),
            cap: try cap(in: row), reserved: try amount("reserved"), settled: try amount("settled"),
            presumed: try amount("presumed"))
    }
}
