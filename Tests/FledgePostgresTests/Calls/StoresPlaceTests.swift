import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import PostgresClient
import Testing

@Suite("Places for trainings in PostgreSQL")
struct StoresPlaceTests {
    private static let resource = "executor:here"

    /// Use cases whose training jobs ask for places.
    private struct Users: Sendable {
        let fixture: StoresFixture
        let places: Int

        /// A use case with jobs under the intents NAME-1 to NAME-4.
        func add(_ name: String, priority: Int? = nil) async throws {
            var submission = StoresFixture.submission(name)
            submission.document.useCase.priority = priority
            let useCase = try await fixture.store.apply(submission).useCase
            let new = try await fixture.store.openCycle(for: useCase, actor: "ada")
            let cycle = try await fixture.advance(new, by: .started)
            for number in 1...4 {
                let run = TrialRun(
                    trial: number, setting: TrialSetting(LoRADefinition()), rung: 0, fold: nil, seed: 1, rows: 50,
                    limitSeconds: 60)
                _ = try await fixture.store.openTrial(
                    run, at: TrialPlace(cycle: cycle.id, attempt: 1, purpose: .trial, number: number),
                    intent: "\(name)-\(number)", executor: "local")
            }
        }

        func ask(_ intent: String, lease: Duration = .seconds(60)) async throws -> Bool {
            try await fixture.store.takePlace(StoresPlaceTests.resource, by: intent, limit: places, lease: lease)
        }

        func happens(_ event: CycleEvent, to name: String) async throws {
            let useCase = try #require(try await fixture.store.useCase(named: name))
            try await fixture.advance(try #require(try await fixture.store.currentCycle(of: useCase)), by: event)
        }

        func giveUp(_ intent: String) async throws {
            try await fixture.store.giveUp(StoresPlaceTests.resource, of: intent)
        }

        /// Lets a use case have begun to wait earlier.
        func waited(_ name: String, minutes: Int) async throws {
            _ = try await fixture.pool.query(
                "UPDATE place_waiter SET turn_at = turn_at - $2::int * interval '1 minute' WHERE name = $1",
                [name, minutes])
        }
    }

    private static func run(places: Int, _ body: @Sendable (Users) async throws -> Void) async throws {
        try await StoresFixture.run { try await body(Users(fixture: $0, places: places)) }
    }

    @Test("who waits for a place gets the next one that frees before one that has a place takes a further one")
    func next() async throws {
        try await Self.run(places: 2) { users in
            try await users.add("sweep")
            try await users.add("late")
            #expect(try await users.ask("sweep-1"))
            #expect(try await users.ask("sweep-2"))
            #expect(try await !users.ask("sweep-3"))
            #expect(try await !users.ask("late-1"))
            try await users.giveUp("sweep-1")
            // The sweep has waited for longer, but it has a place.
            #expect(try await !users.ask("sweep-3"))
            #expect(try await users.ask("late-1"))
            #expect(try await !users.ask("sweep-3"))
            // A place that one has is kept, whoever waits.
            #expect(try await users.ask("sweep-2"))
            try await users.giveUp("sweep-2")
            #expect(try await users.ask("sweep-3"))
            try await users.giveUp("late-1")
            // Nobody else waits: it may have all of them.
            #expect(try await users.ask("sweep-4"))
            #expect(try await users.fixture.rowCount("place_waiter") == 0)
        }
    }

    @Test("free places that are enough for all who are ahead are anybody's")
    func enough() async throws {
        try await Self.run(places: 3) { users in
            try await users.add("sweep")
            try await users.add("late")
            for number in 1...3 { #expect(try await users.ask("sweep-\(number)")) }
            #expect(try await !users.ask("late-1"))
            try await users.giveUp("sweep-1")
            try await users.giveUp("sweep-2")
            #expect(try await users.ask("sweep-4"))
            #expect(try await users.ask("late-1"))
            #expect(try await !users.ask("late-2"))
        }
    }

    @Test(
        "of those that have as many, who waits for longest is next, and each step of priority is worth a minute",
        arguments: [(nil, 0, "first"), (3, 0, "urgent"), (3, 2, "urgent"), (3, 4, "first"), (9, 8, "urgent")]
            as [(Int?, Int, String)])
    func turns(priority: Int?, minutes: Int, next: String) async throws {
        try await Self.run(places: 1) { users in
            for name in ["busy", "first"] { try await users.add(name) }
            try await users.add("urgent", priority: priority)
            #expect(try await users.ask("busy-1"))
            #expect(try await !users.ask("first-1"))
            #expect(try await !users.ask("urgent-1"))
            try await users.waited("first", minutes: minutes)
            // Asking again moves nobody back.
            #expect(try await !users.ask("first-1"))
            try await users.giveUp("busy-1")
            let other = next == "first" ? "urgent" : "first"
            #expect(try await !users.ask(other + "-1"))
            #expect(try await users.ask(next + "-1"))
        }
    }

    @Test("who does not ask again waits no longer when its lease ends, and loses its turn")
    func dead() async throws {
        try await Self.run(places: 1) { users in
            for name in ["busy", "dead", "alive"] { try await users.add(name) }
            #expect(try await users.ask("busy-1"))
            #expect(try await !users.ask("dead-1", lease: .zero))
            #expect(try await !users.ask("alive-1"))
            try await users.giveUp("busy-1")
            #expect(try await users.ask("alive-1"))
            #expect(try await !users.ask("busy-2"))
            #expect(try await !users.ask("dead-1"))
            try await users.giveUp("alive-1")
            #expect(try await !users.ask("dead-1"))
            #expect(try await users.ask("busy-2"))
        }
    }

    @Test(
        "a use case that is paused, cancelled or retired holds up nobody",
        arguments: [CycleEvent.paused, .cancelled, .retired])
    func stopped(event: CycleEvent) async throws {
        try await Self.run(places: 1) { users in
            for name in ["busy", "stopped", "alive"] { try await users.add(name) }
            #expect(try await users.ask("busy-1"))
            #expect(try await !users.ask("stopped-1"))
            #expect(try await !users.ask("alive-1"))
            try await users.happens(event, to: "stopped")
            try await users.giveUp("busy-1")
            #expect(try await users.ask("alive-1"))
        }
    }

    @Test("a use case that goes on in time keeps its turn")
    func resumed() async throws {
        try await Self.run(places: 1) { users in
            for name in ["busy", "stopped", "alive"] { try await users.add(name) }
            #expect(try await users.ask("busy-1"))
            #expect(try await !users.ask("stopped-1"))
            #expect(try await !users.ask("alive-1"))
            try await users.happens(.paused, to: "stopped")
            try await users.happens(.resumed, to: "stopped")
            try await users.giveUp("busy-1")
            #expect(try await !users.ask("alive-1"))
            #expect(try await users.ask("stopped-1"))
        }
    }

    @Test("a daemon of the version before finds no place taken by who only waits, and its own count")
    func versionBefore() async throws {
        try await Self.run(places: 1) { users in
            for name in ["before", "new", "other"] { try await users.add(name) }
            let pool = users.fixture.pool
            // As that version takes a place.
            _ = try await pool.query("INSERT INTO limited_resource (name) VALUES ($1)", [Self.resource])
            _ = try await pool.query(
                """
                INSERT INTO allotment (resource, holder, places, wanted, leased_until)
                VALUES ($1, 'before-1', 1, 1, now() + interval '1 minute')
                """, [Self.resource])
            #expect(try await !users.ask("new-1"))
            #expect(try await !users.ask("before-2"))
            #expect(try await !users.ask("other-1"))
            let holders = try await pool.query("SELECT holder FROM allotment").map {
                try $0.get("holder", as: String.self)
            }
            #expect(holders == ["before-1"])
            try await users.giveUp("before-1")
            #expect(try await users.ask("new-1"))
        }
    }

    @Test("of many use cases that ask at once as many as there are places get one")
    func racing() async throws {
        try await Self.run(places: 3) { users in
            let names = (1...5).map { "user\($0)" }
            for name in names { try await users.add(name) }
            let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
                for name in names {
                    for number in 1...4 { group.addTask { try await users.ask("\(name)-\(number)") } }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(taken == 3)
            let held = try await users.fixture.pool.query("SELECT sum(places)::int AS places FROM allotment")
            #expect(try held.first?.get("places", as: Int.self) == 3)
        }
    }
}
