import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import PostgresClient
import Testing

/// A daemon dies between the intent of a training job and the note of its external id.
@Suite("Intents of training jobs", .timeLimit(.minutes(15)))
struct IntentTests {
    enum KillPoint: CaseIterable { case beforeSend, afterAccept }

    private static func kill(_ point: KillPoint, _ fixture: EngineFixture) async throws {
        switch point {
        case .beforeSend: fixture.training.holdBeforeSubmission()
        case .afterAccept: fixture.training.holdAfterSubmission()
        }
        try await fixture.withWorker("first") { await fixture.training.submissionIsHeld() }
    }

    @Test("an executor that can be asked gets one job, wherever the daemon died", arguments: KillPoint.allCases)
    func lookedUp(point: KillPoint) async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply()
            try await Self.kill(point, fixture)
            try await fixture.work(as: "second") { $0.isLive }
            #expect(fixture.training.submissions.count == 1)
        }
    }

    @Test(
        "a job that nobody can look up waits for a person, who says what became of it, and is submitted once",
        arguments: KillPoint.allCases)
    func settled(point: KillPoint) async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply()
            fixture.training.cannotLookUp()
            try await Self.kill(point, fixture)
            let blocked = try await fixture.work(as: "second") { $0.isBlocked }
            #expect(blocked.block?.code == "training.unknown" && blocked.activity == .training)
            let job = try #require(try await fixture.control.jobs(name: "parity").first)
            #expect(job.state == .unknown && blocked.block?.message.contains("fledge jobs settle \(job.id)") == true)
            // A retry alone changes nothing: nobody knows more than before.
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            try await fixture.work(as: "third") { $0.isBlocked }
            #expect(fixture.training.submissions.count == (point == .beforeSend ? 0 : 1))
            let word: JobSettlement =
                point == .beforeSend ? .notSubmitted : .running(externalID: job.intent)
            _ = try await fixture.control.settle(job: job.id, as: word, actor: "grace")
            try await fixture.work(as: "fourth") { $0.isLive }
            #expect(fixture.training.submissions.count == 1)
            #expect(try await fixture.control.log(job: job.id).contains("grace settled this job as \(word.name)"))
            let history = try await fixture.control.history(name: "parity")
            #expect(history.contains { $0.event == "retried" && $0.actor == "grace" })
            let again = await code {
                _ = try await fixture.control.settle(job: job.id, as: .failed, actor: "grace")
            }
            #expect(again == "job.not_unknown")
        }
    }

    @Test("a job that a person gives up ends its attempt, and a retry trains anew")
    func givenUp() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply()
            fixture.training.cannotLookUp()
            try await Self.kill(.afterAccept, fixture)
            try await fixture.work(as: "second") { $0.isBlocked }
            let job = try #require(try await fixture.control.jobs(name: "parity").first)
            _ = try await fixture.control.settle(job: job.id, as: .failed, actor: "grace")
            let state = try await fixture.work(as: "third") { $0.block?.code == "training.settled_failed" }
            #expect(state.trainings == 1)
            _ = try await fixture.control.send(.retry, to: "parity", actor: "grace")
            try await fixture.work(as: "fourth") { $0.isLive }
            #expect(Set(fixture.training.submissions).count == 2 && fixture.training.submissions.count == 2)
        }
    }

    @Test("a daemon that has lost its work since it looked the job up submits nothing")
    func lostMeanwhile() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply()
            let pool = fixture.pool
            fixture.training.afterLookUp {
                _ = try await pool.execute(
                    """
                    UPDATE work_item SET fence = fence + 1, worker = 'another', leased_until = now() + interval '300 ms'
                    WHERE state = 'leased'
                    """)
            }
            try await fixture.work { $0.isLive }
            #expect(fixture.training.submittedAtLookUps == [0, 0])
            #expect(fixture.training.submissions.count == 1)
        }
    }

    @Test("a training keeps its place while it is submitted, however long that takes")
    func keptPlace() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            fixture.training.limit(to: 1)
            let resource = try #require(fixture.training.limit?.resource)
            fixture.training.holdBeforeSubmission()
            let clock = ManualClock()
            try await fixture.apply()
            try await fixture.withWorker("first", clock: clock) {
                await fixture.training.submissionIsHeld()
                for _ in 1...3 {
                    let isWaiting = await eventually(within: .seconds(60)) { clock.isWaitedFor }
                    try #require(isWaiting)
                    // The lease has run down in the time that the clock goes on by.
                    try await fixture.pool.execute("UPDATE allotment SET leased_until = now()")
                    clock.advance(by: .seconds(20))
                    let isKept = try await eventually(within: .seconds(60)) {
                        try await !fixture.pool.query(
                            "SELECT FROM allotment WHERE leased_until > now() + interval '30 s'"
                        ).isEmpty
                    }
                    #expect(isKept)
                }
                #expect(try await !fixture.store.takePlace(resource, by: "other", limit: 1, lease: .seconds(3600)))
            }
            #expect(!clock.isWaitedFor && fixture.training.submissions.isEmpty)
        }
    }

    @Test("a training waits for a place at its executor without using up an attempt")
    func place() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            fixture.training.limit(to: 1)
            let resource = try #require(fixture.training.limit?.resource)
            #expect(try await fixture.store.takePlace(resource, by: "other", limit: 1, lease: .seconds(3600)))
            try await fixture.apply()
            try await fixture.withWorker("first") {
                let isWaiting = try await eventually {
                    let waiting = try await fixture.pool.query(
                        "SELECT FROM work_item WHERE state = 'queued' AND attempts = 0 AND error_code = 'executor.full'"
                    )
                    return !waiting.isEmpty
                }
                #expect(isWaiting && fixture.training.submissions.isEmpty)
                try await fixture.store.giveUp(resource, of: "other")
            }
            try await fixture.work(as: "second") { $0.isLive }
            #expect(fixture.training.submissions.count == 1)
            // The job gave its place up in its turn.
            #expect(try await fixture.store.takePlace(resource, by: "other", limit: 1, lease: .seconds(3600)))
        }
    }
}
