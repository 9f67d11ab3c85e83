import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Logging
import PostgresClient

/// Plays a simulated story's calls on the real store, one after the other, under the story's own clock.
struct StoryReplay {
    let store: PostgresStores
    let pool: PostgresPool
    /// What the real rows are called that the model numbers from 0.
    private var useCases: [Int: UseCaseID] = [:]
    private var cycles: [Int: CycleID] = [:]
    private var work: [Int: WorkItemID] = [:]
    private var jobs: [Intent: TrainingJobID] = [:]
    /// The champion's number, by use case.
    private var champions: [Int: Int] = [:]

    private let seed: UInt64

    private init(pool: PostgresPool, seed: UInt64) {
        self.pool = pool
        self.seed = seed
        store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
    }

    /// Plays the stories of the seeds, one after the other on one database.
    ///
    /// - Returns: the first difference between the model and PostgreSQL; nil when there is none.
    static func difference(in seeds: Range<UInt64>, bug: PlantedBug? = nil) async throws -> String? {
        try await PostgresFixture.shared.withConnectionString { connectionString in
            try await withPool(connectionString) { try await takeOverClock($0) }
            return try await withPool(connectionString) { pool in
                for seed in seeds {
                    let story = Simulation(bug: bug).trace(seed: seed)
                    var replay = StoryReplay(pool: pool, seed: seed)
                    if let difference = try await replay.play(story.steps, until: story.store) {
                        return "FledgeBench simulate --seed \(seed) tells the story\n\(difference)"
                    }
                }
                return nil
            }
        }
    }

    private mutating func play(_ steps: [SimulationStep], until end: SimulatedStore) async throws -> String? {
        for step in steps {
            guard case .operation(let operation, let expected) = step.what else { continue }
            try await pool.execute(
                "UPDATE simulation.clock SET at = timestamptz '2030-01-01Z' + $1::bigint * interval '1 microsecond'",
                [step.at])
            let result = try await play(operation, expecting: expected)
            if result != expected { return "\(step)\nPostgreSQL answers: \(result)" }
        }
        return try await difference(from: end)
    }

    private static func withPool<Value: Sendable>(
        _ connectionString: String, _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let pool = PostgresPool(
            PostgresConfiguration(
                connectionString: connectionString, maximumConnections: 2, acquireTimeout: .seconds(30)),
            logger: PostgresFixture.shared.logger)
        do {
            let value = try await body(pool)
            await pool.shutdown()
            return value
        } catch {
            await pool.shutdown()
            throw error
        }
    }

    /// Statements that say `now()` get the story's time: the function is found in a schema before PostgreSQL's own.
    private static func takeOverClock(_ pool: PostgresPool) async throws {
        for statement in [
            "CREATE SCHEMA simulation",
            "CREATE TABLE simulation.clock AS SELECT timestamptz '2030-01-01Z' AS at",
            """
            CREATE FUNCTION simulation.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM simulation.clock'
            """,
            "ALTER TABLE work_item ALTER run_at SET DEFAULT simulation.now()",
            """
            DO $$ BEGIN
                EXECUTE format('ALTER DATABASE %I SET search_path = simulation, pg_catalog, public', current_database());
            END $$
            """,
        ] { try await pool.execute(statement) }
    }

    // MARK: Calls

    /// - Parameter expected: tells a new row's number in the model.
    private mutating func play(_ operation: StoreOperation, expecting expected: StoreResult) async throws -> StoreResult
    {
        do {
            switch operation {
            case .apply(let useCase, let definition): return try await apply(definition, to: useCase)
            case .openCycle(let useCase): return try await openCycle(of: useCase, expecting: expected)
            case .moveChampion(let useCase): return .held(try await moveChampion(of: useCase))
            case .claim(let limit, let lease): return try await claim(limit, lease, expecting: expected)
            case .renew(let hold, let lease):
                return .held(try await store.renew(real(hold), for: .microseconds(lease)))
            case .finish(let hold): try await store.finish(real(hold))
            case .bury(let hold): try await store.bury(real(hold), because: FledgeError("work.failed", "it failed"))
            case .release(let hold, let delay, let countsAsAttempt):
                try await store.release(
                    real(hold), after: .microseconds(delay), countsAsAttempt: countsAsAttempt, error: nil)
            case .record(let move, let hold):
                var cycle = try await store.head(of: real(cycle: move.cycle))
                cycle.state = move.from
                cycle.version = move.version
                let transition = Transition(
                    cycle: cycle, event: move.event, newState: move.to, changes: move.changes, actor: "story")
                try await store.record(transition, finishing: hold.map(real))
            case .revive(let id): return .held(try await store.revive(work[id] ?? WorkItemID(-1)))
            case .openJob(let intent):
                let job = try await store.openJob(
                    cycle: real(cycle: intent.cycle), attempt: intent.attempt,
                    intent: "seed-\(seed)-cycle-\(intent.cycle)-training-\(intent.attempt)", executor: "simulated")
                jobs[intent] = job.id
                return .job(external: job.externalID.flatMap { Int($0) })
            case .recordSubmission(let intent, let external):
                guard let job = jobs[intent] else { throw UnknownRow() }
                try await store.recordSubmission(job, externalID: "\(external)")
            }
            return .done
        } catch let error as FledgeError where error.code == "cycle.conflict" {
            return .conflict
        } catch let error as FledgeError where error.code == "work.lost" {
            return .lost
        }
    }

    private mutating func apply(_ definition: SimulatedStore.Definition, to useCase: Int) async throws -> StoreResult {
        var submission = StoresFixture.submission(
            "seed-\(seed)-case-\(useCase)", purpose: "Definition \(definition.serial).",
            prompt: "Evidence \(definition.evidence).", reports: [])
        submission.document.useCase.priority = definition.priority
        submission.document.useCase.production = ProductionDefinition(
            approval: definition.needsApproval ? .manual : .automatic)
        let applied = try await store.apply(submission)
        useCases[useCase] = applied.useCase
        return .applied(isNew: applied.isNew)
    }

    private mutating func openCycle(of useCase: Int, expecting expected: StoreResult) async throws -> StoreResult {
        guard let id = useCases[useCase] else { throw UnknownRow() }
        let opened = try await store.openCycle(for: id, actor: "story").id
        if let known = cycles.first(where: { $0.value == opened })?.key { return .opened(known) }
        if case .opened(let number) = expected, cycles[number] == nil { cycles[number] = opened }
        return .opened(cycles.first { $0.value == opened }?.key ?? -1)
    }

    /// To the other of two releases, which are made for it the first time.
    private mutating func moveChampion(of useCase: Int) async throws -> Bool {
        guard let id = useCases[useCase], let cycle = try await store.currentCycle(of: id) else { throw UnknownRow() }
        if champions[useCase] == nil {
            for number in 1...2 {
                let candidate = StoresFixture.candidate("release \(number)")
                try await store.register(candidate)
                try await pool.execute(
                    """
                    INSERT INTO release (use_case_id, number, cycle_id, candidate_id, bundle)
                    VALUES ($1, $2, $3, $4, $5::jsonb)
                    """,
                    [
                        id.rawValue, number, cycle.id.rawValue, candidate.id.rawValue,
                        CanonicalJSON.text(of: StoresFixture.bundle(candidate)),
                    ])
            }
        }
        let other = champions[useCase] == 1 ? 2 : 1
        do { _ = try await store.moveChampion(of: id, to: other, actor: "story", reason: "a story") } catch let error
            as FledgeError where error.code == "cycle.rejected_event"
        {
            champions[useCase] = champions[useCase] ?? 2
            return false
        }
        champions[useCase] = other
        return true
    }

    private mutating func claim(_ limit: Int, _ lease: Int64, expecting expected: StoreResult) async throws
        -> StoreResult
    {
        // A new store each time: one that has found a claim slow passes over early turns for a while.
        let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
        let items = try await store.claim(limit: limit, worker: "story", lease: .microseconds(lease))
        if case .claimed(let pieces) = expected {
            for (piece, item) in zip(pieces, items) where work[piece.hold.work] == nil {
                if !work.values.contains(item.lease.item) { work[piece.hold.work] = item.lease.item }
            }
        }
        return .claimed(
            items.map { item in
                Claimed(
                    hold: Hold(
                        work: work.first { $0.value == item.lease.item }?.key ?? -1, fence: item.lease.fence),
                    cycle: cycles.first { $0.value == item.cycle }?.key ?? -1,
                    action: item.action ?? .notify("nothing"),
                    attempt: item.attempt)
            })
    }

    private struct UnknownRow: Error {}

    private func real(_ hold: Hold) -> WorkLease {
        WorkLease(item: work[hold.work] ?? WorkItemID(-1), fence: hold.fence)
    }

    private func real(cycle: Int) throws -> CycleID {
        guard let id = cycles[cycle] else { throw UnknownRow() }
        return id
    }

    // MARK: The end

    private func difference(from end: SimulatedStore) async throws -> String? {
        let rows = try await pool.query(
            "SELECT state, attempts, fence, kind FROM work_item WHERE cycle_id = ANY ($1::bigint[]) ORDER BY id",
            [cycles.values.map(\.rawValue)])
        let real = try rows.map { row in
            "\(try row.get("kind", as: String.self)) \(try row.get("state", as: String.self))"
                + " attempts \(try row.get("attempts", as: Int.self)) fence \(try row.get("fence", as: Int64.self))"
        }
        let modelled = zip(end.work, end.actions).map {
            "\($1.kind.rawValue) \($0.state) attempts \($0.attempts) fence \($0.fence)"
        }
        for (id, pair) in zip(modelled, real).enumerated() where pair.0 != pair.1 {
            return "work \(id) ends as \(pair.0), in PostgreSQL as \(pair.1)"
        }
        if real.count != modelled.count { return "\(modelled.count) pieces of work, in PostgreSQL \(real.count)" }
        let violations = RunChecker(try await record(end)).violations
        return violations.isEmpty ? nil : violations.map(\.description).joined(separator: "\n")
    }

    /// What the database says, for the checker of runs with real daemons.
    private func record(_ end: SimulatedStore) async throws -> RunRecord {
        var record = RunRecord()
        for (index, id) in useCases.sorted(by: { $0.key < $1.key }) {
            var cycles: [RunRecord.Cycle] = []
            for cycle in try await store.cycles(of: id) {
                let number = self.cycles.first { $0.value == cycle.id }?.key
                let rows = try await pool.query(
                    "SELECT kind, state FROM work_item WHERE cycle_id = $1 ORDER BY id", [cycle.id])
                cycles.append(
                    .init(
                        number: cycle.number,
                        needsApproval: number.map { end.cycles[$0].opened.needsApproval } ?? false,
                        state: cycle.state,
                        work: try rows.map {
                            .init(
                                try $0.get("kind", as: String.self),
                                .init(rawValue: try $0.get("state", as: String.self)) ?? .queued)
                        }))
            }
            record.useCases.append(
                .init(name: "case \(index)", history: try await store.history(of: id), cycles: cycles))
        }
        return record
    }
}
