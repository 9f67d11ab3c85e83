import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import PostgresClient
import Testing

@Suite("Trainings that a person cancels", .timeLimit(.minutes(15)))
struct CancelledTrainingTests {
    private static func comes(_ condition: () async throws -> Bool) async throws {
        let hasCome = try await eventually(condition)
        #expect(hasCome)
    }

    /// Runs the body while a worker follows the use case's only training, which is held.
    private static func follow(
        _ fixture: EngineFixture, _ body: @Sendable () async throws -> Void = {}
    ) async throws {
        fixture.training.limit(to: 1)
        fixture.training.holdJobs()
        try await fixture.apply()
        try await fixture.withWorker("first") {
            try await comes { try await fixture.control.jobs(name: "parity").first?.externalID != nil }
            try await body()
        }
    }

    @Test(
        "a training that is cancelled ends as cancelled and gives up its place, and a retry trains anew",
        arguments: [true, false])
    func retried(isFollowed: Bool) async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await Self.follow(fixture) {
                guard isFollowed else { return }
                _ = try await fixture.control.send(.cancel, to: "parity", actor: "ada")
                try await Self.comes { try await fixture.control.jobs(name: "parity").map(\.state) == [.cancelled] }
            }
            if !isFollowed { _ = try await fixture.control.send(.cancel, to: "parity", actor: "ada") }
            fixture.training.letJobsGo()
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            try await fixture.work(as: "second") { $0.isLive }
            let jobs = try await fixture.control.jobs(name: "parity")
            #expect(jobs.map(\.state) == [.cancelled, .finished])
            #expect(jobs[0].errorCode == "training.cancelled" && jobs[0].finishedAt != nil)
            #expect(fixture.training.cancellations == [jobs[0].intent])
        }
    }

    @Test("a training that failed while nobody followed it ends as failed when the next attempt begins")
    func failed() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await Self.follow(fixture)
            _ = try await fixture.control.send(.cancel, to: "parity", actor: "ada")
            fixture.training.fail { _ in true }
            fixture.training.letJobsGo()
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            try await fixture.work(as: "second") { $0.isBlocked }
            let jobs = try await fixture.control.jobs(name: "parity")
            #expect(jobs.map(\.state) == [.failed, .failed])
            #expect(jobs.map(\.errorCode) == ["training.diverged", "training.diverged"])
            #expect(fixture.training.cancellations.isEmpty)
        }
    }

    /// The pilot with the fewest examples and the first seed.
    @Sendable private static func isFirst(_ intent: String) -> Bool { intent.contains("-pilot1-1-") }

    enum Follower: CaseIterable {
        case daemon, nobody
        /// One that asked the executor to stop the jobs and noted nothing.
        case daemonBefore
    }

    @Test(
        "a pilot that is cancelled keeps the points that it had, and a retry does the runs that were under way",
        arguments: Follower.allCases)
    func pilot(follower: Follower) async throws {
        var definition = EngineFixture.definition()
        definition.fineTune = FineTuneDefinition(
            minimumExamples: 100, pilot: PilotDefinition(sizes: [20, 40, 80], seeds: [1, 2]))
        let pilot = definition
        let skill: @Sendable (TrainingSpec) -> Int = { specification in
            let rows = specification.rows.count + specification.validationRows.count
            return rows >= 100 ? 10 : rows / 10
        }
        try await EngineFixture.run(promptsWork: false, skill: skill) { fixture in
            let training = fixture.training
            training.limit(to: 3)
            training.holdJobs()
            try await fixture.apply(pilot)
            try await fixture.withWorker("first") {
                try await Self.comes { training.submissions.count == 3 }
                training.letGo(try #require(training.submissions.first(where: Self.isFirst)))
                try await Self.comes {
                    try await fixture.control.jobs(name: "parity").count { $0.externalID != nil } == 4
                }
                guard follower == .daemon else { return }
                _ = try await fixture.control.send(.cancel, to: "parity", actor: "ada")
                try await Self.comes {
                    try await fixture.control.jobs(name: "parity").count { $0.state == .cancelled } == 3
                }
            }
            let underWay = training.submissions.filter { !Self.isFirst($0) }
            if follower != .daemon { _ = try await fixture.control.send(.cancel, to: "parity", actor: "ada") }
            if follower == .daemonBefore { for job in underWay { try await training.cancel(job) } }
            let id = try await fixture.cycle().id
            #expect(try await fixture.store.learningCurve(of: id, upTo: 1).map(\.examples) == [20])

            training.letJobsGo()
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            try await fixture.work(as: "second") { $0.isLive }
            let points = try await fixture.store.learningCurve(of: id, upTo: 1)
            #expect(points.map(\.examples) == [20, 40, 80])
            #expect(zip(points.map(\.score), [0.2, 0.4, 0.8]).allSatisfy { abs($0 - $1) < 1e-9 })
            let jobs = try await fixture.control.jobs(name: "parity").filter { $0.purpose == .pilot }
            let done = jobs.filter { $0.state == .finished }.compactMap(\.run).map { [$0.rows, Int($0.seed)] }
            #expect(done.count == 6 && Set(done).count == 6)
            let cancelled = jobs.filter { $0.state == .cancelled }.map(\.intent)
            #expect(Set(cancelled) == Set(follower == .nobody ? [] : underWay))
            #expect(Set(training.submissions).count == training.submissions.count)
        }
    }

    @Test("a training of a use case that is retired ends as cancelled, and another may have its place")
    func retired() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await Self.follow(fixture) {
                _ = try await fixture.control.send(.retire, to: "parity", actor: "ada")
                try await Self.comes { try await fixture.control.jobs(name: "parity").map(\.state) == [.cancelled] }
            }
            let resource = try #require(fixture.training.limit?.resource)
            #expect(fixture.training.cancellations == fixture.training.submissions)
            #expect(try await fixture.store.takePlace(resource, by: "other", limit: 1, lease: .seconds(3600)))
        }
    }
}
