import FledgeTestKit
import PostgresClient
import Testing

@Suite("LISTEN and NOTIFY")
struct ListenTests {
    let fixture = PostgresFixture.shared

    @Test("a notification arrives with its payload")
    func hears() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            var heard = pool.listen("work", "Odd channel").makeAsyncIterator()
            #expect(await heard.next() == .listening)
            try await pool.execute("SELECT pg_notify('work', 'a'), pg_notify('Odd channel', 'ü')")
            #expect(await heard.next() == .message(channel: "work", payload: "a"))
            #expect(await heard.next() == .message(channel: "Odd channel", payload: "ü"))
        }
    }

    @Test("a listener whose connection was ended listens again, and says so")
    func reconnects() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            var heard = pool.listen("work").makeAsyncIterator()
            #expect(await heard.next() == .listening)
            for round in 0..<3 {
                try await pool.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
                )
                #expect(await heard.next() == .listening)
                try await pool.execute("SELECT pg_notify('work', $1)", ["\(round)"])
                #expect(await heard.next() == .message(channel: "work", payload: "\(round)"))
            }
        }
    }

    @Test("the stream ends with the pool")
    func endsWithPool() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            var heard = pool.listen("work").makeAsyncIterator()
            #expect(await heard.next() == .listening)
            await pool.shutdown()
            #expect(await heard.next() == nil)
            var late = pool.listen("work").makeAsyncIterator()
            #expect(await late.next() == nil)
        }
    }

    @Test("a stream that nobody reads gives its connection back")
    func endsWithConsumer() async throws {
        try await fixture.withDatabase(migrated: false) { pool in
            let task = Task {
                for await notification in pool.listen("work") where notification == .listening { return }
            }
            await task.value
            let isGone = try await eventually {
                let rows = try await pool.query(
                    "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()")
                return rows.isEmpty
            }
            #expect(isGone)
        }
    }
}
