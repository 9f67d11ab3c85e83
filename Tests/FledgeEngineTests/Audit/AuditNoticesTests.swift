import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Testing

@Suite("Heads of the evidence that are told elsewhere")
struct AuditNoticesTests {
    /// Takes what it is sent, or refuses it.
    private actor Receiver: AuditNoticeSender {
        private(set) var taken: [AuditNotice] = []
        private(set) var tries = 0
        var isAway = false
        /// Of these use cases nothing is taken.
        private(set) var unwanted: Set<String> = []
        /// Is told of each notice before it is taken.
        var before: (@Sendable (AuditNotice) async -> Void)?

        func setAway(_ isAway: Bool) { self.isAway = isAway }
        func setUnwanted(_ names: Set<String>) { unwanted = names }
        func set(before: @escaping @Sendable (AuditNotice) async -> Void) { self.before = before }

        func send(_ notice: AuditNotice) async throws {
            tries += 1
            if isAway { throw FledgeError("audit.webhook_failed", "it is away", hint: "bring it back") }
            if unwanted.contains(notice.useCase) {
                throw AuditNoticeRefusal(FledgeError("audit.webhook_failed", "it answered with status 422"))
            }
            await before?(notice)
            taken.append(notice)
        }
    }

    private static func line(_ name: String, _ entries: Int, at second: Double = 0) -> AuditAnchor.Line {
        AuditAnchor.Line(
            at: Date(timeIntervalSince1970: second), useCase: name,
            head: AuditHead(entries: entries, hash: "h\(entries)", transitions: entries, historyHash: "t\(entries)"),
            added: [], place: AuditGrowth.Place())
    }

    private static func notices(_ receiver: Receiver) -> AuditNotices {
        AuditNotices(
            database: "db", sender: receiver, now: { Date(timeIntervalSince1970: 500) },
            logger: PostgresFixture.shared.logger)
    }

    @Test("each use case's newest head is sent once, oldest first")
    func newest() async {
        let receiver = Receiver()
        let notices = Self.notices(receiver)
        await notices.tell([Self.line("a", 1, at: 1), Self.line("b", 4, at: 2), Self.line("a", 2, at: 3)])
        // One of another daemon's that looked earlier.
        await notices.tell([Self.line("b", 3, at: 4)])
        #expect(await notices.delay == AuditDelay(useCases: 2, since: Date(timeIntervalSince1970: 500), problem: nil))
        #expect(await notices.drain() == nil)
        let taken = await receiver.taken
        #expect(taken.map(\.useCase) == ["b", "a"] && taken.map(\.length) == [4, 2])
        #expect(taken.map(\.head) == ["h4", "h2"] && taken.allSatisfy { $0.database == "db" })
        #expect(await notices.delay == nil)
        #expect(await notices.drain() == nil)
        #expect(await receiver.tries == 2)
    }

    @Test("what fails waits, is said to be behind, is tried ever more seldom, and arrives with its newest head")
    func away() async throws {
        let receiver = Receiver()
        let notices = Self.notices(receiver)
        await receiver.setAway(true)
        await notices.tell([Self.line("a", 1), Self.line("b", 1)])
        #expect(await notices.drain() == .seconds(5))
        #expect(await receiver.tries == 1, "the others are not tried at one that is away")
        #expect(await notices.drain() == .seconds(10))
        await notices.tell([Self.line("a", 7)])
        let delay = try #require(await notices.delay)
        #expect(delay.useCases == 2 && delay.problem?.code == "audit.webhook_failed")
        await receiver.setAway(false)
        #expect(await notices.drain() == nil)
        #expect(await receiver.taken.map(\.length).sorted() == [1, 7])
        #expect(await notices.delay == nil)
    }

    @Test("one that is refused keeps none of the others back, now and later, and is sent again after the pause")
    func refused() async throws {
        let receiver = Receiver()
        let notices = Self.notices(receiver)
        await receiver.setUnwanted(["a"])
        await notices.tell([Self.line("a", 1, at: 1), Self.line("b", 1, at: 2), Self.line("c", 1, at: 3)])
        #expect(await notices.drain() == .seconds(5))
        #expect(await receiver.taken.map(\.useCase) == ["b", "c"])
        let delay = try #require(await notices.delay)
        #expect(delay.useCases == 1 && delay.problem?.message.contains("422") == true)
        // Within the pause what is new is sent, and the refused one is left alone.
        await notices.tell([Self.line("b", 2, at: 4)])
        let tries = await receiver.tries
        #expect(await notices.drain(again: false) == .seconds(5))
        #expect(await receiver.taken.map(\.length) == [1, 1, 2])
        #expect(await receiver.tries == tries + 1)
        #expect(await notices.delay?.problem?.message.contains("422") == true)
        #expect(await notices.drain() == .seconds(10))
        // A newer head of its own need not be refused.
        await receiver.setUnwanted([])
        await notices.tell([Self.line("a", 5, at: 5)])
        #expect(await notices.drain(again: false) == nil)
        #expect(await receiver.taken.last?.length == 5)
        #expect(await notices.delay == nil)
    }

    @Test("while it runs, a new head of another use case does not wait for the pause of one that is refused")
    func running() async throws {
        let receiver = Receiver()
        let notices = AuditNotices(
            database: "db", sender: receiver, pause: { _ in .seconds(3600) }, logger: PostgresFixture.shared.logger)
        await receiver.setUnwanted(["a"])
        let run = Task { await notices.run() }
        defer { run.cancel() }
        await notices.tell([Self.line("a", 1), Self.line("b", 1)])
        #expect(await eventually { await receiver.taken.map(\.length) == [1] })
        await notices.tell([Self.line("b", 2)])
        #expect(await eventually { await receiver.taken.map(\.length) == [1, 2] })
        #expect(await receiver.tries == 3)
    }

    @Test("the end waits for a receiver that says nothing no longer than it may", .timeLimit(.minutes(1)))
    func end() async {
        struct Silent: AuditNoticeSender {
            func send(_ notice: AuditNotice) async throws {
                let (answers, silence) = AsyncStream<Never>.makeStream()
                for await _ in answers {}
                silence.finish()
                try Task.checkCancellation()
            }
        }
        let notices = AuditNotices(database: "db", sender: Silent(), logger: PostgresFixture.shared.logger)
        await notices.tell([Self.line("a", 1), Self.line("b", 1)])
        await notices.drain(within: .milliseconds(50))
        #expect(await notices.delay?.useCases == 2)
    }

    @Test("a head that comes while the one before is under way is sent as well")
    func meanwhile() async {
        let receiver = Receiver()
        let notices = Self.notices(receiver)
        await receiver.set(before: { notice in
            if notice.length == 1 { await notices.tell([Self.line("a", 2)]) }
        })
        await notices.tell([Self.line("a", 1)])
        #expect(await notices.drain() == nil)
        #expect(await receiver.taken.map(\.length) == [1, 2])
    }

    @Test("pauses grow to five minutes and no further", arguments: [(1, 5), (2, 10), (3, 20), (7, 300), (1000, 300)])
    func pauses(failures: Int, seconds: Int) {
        #expect(AuditNotices.pause(afterFailures: failures) == .seconds(seconds))
    }

    @Test("all heads that stand in the file are told at a start, and each line that is written after it")
    func anchored() async throws {
        try await TemporaryDirectory.with { directory in
            try await PostgresFixture.shared.withDatabase { pool in
                let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
                try await AuditHistory(store: store, pool: pool).add(2)
                let path = directory + "/heads.jsonl"
                for _ in 0..<2 {
                    let receiver = Receiver()
                    let notices = Self.notices(receiver)
                    let anchor = try await AuditAnchor(
                        path: path, witness: notices, logger: PostgresFixture.shared.logger)
                    try await anchor.look(in: store)
                    #expect(await anchor.delay?.useCases == 2)
                    #expect(await notices.drain() == nil)
                    let heads = await [anchor.line(of: "audited-1")?.head, anchor.line(of: "audited-2")?.head]
                    let told = await receiver.taken.sorted { $0.useCase < $1.useCase }
                    #expect(told.map(\.stood) == heads.compactMap(\.self) && told.count == 2)
                }
            }
        }
    }
}
