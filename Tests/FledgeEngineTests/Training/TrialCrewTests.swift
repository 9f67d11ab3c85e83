import FledgeCore
import FledgeDocument
import FledgePostgres
import FledgeTestKit
import PostgresClient
import Testing

@testable import FledgeEngine

@Suite("Trials side by side at an executor", .timeLimit(.minutes(15)))
struct TrialCrewTests {
    private static let swept: UseCaseDefinition = {
        var definition = EngineFixture.definition()
        definition.fineTune = FineTuneDefinition(
            minimumExamples: 100, sweep: SweepDefinition(ranks: [4, 8, 16], learningRates: [5e-4, 2e-3], trials: 6))
        return definition
    }()

    /// Another use case, which trains once.
    private static let twin: UseCaseDefinition = {
        var definition = EngineFixture.definition()
        definition.name = "twin"
        return definition
    }()

    @Sendable private static func skill(_ specification: TrainingSpec) -> Int {
        let rows = specification.rows.count + specification.validationRows.count
        return rows == EngineFixture.trainingCount || specification.lora.learningRate == 2e-3 ? 10 : 7
    }

    /// The fixture with a scripted executor of so many places whose jobs run until they are let go.
    private static func run(
        places: Int, skill: @escaping @Sendable (TrainingSpec) -> Int = Self.skill,
        _ body: @Sendable (EngineFixture, _ resource: String) async throws -> Void
    ) async throws {
        try await EngineFixture.run(promptsWork: false, skill: skill) { fixture in
            fixture.training.limit(to: places)
            fixture.training.holdJobs()
            try await body(fixture, try #require(fixture.training.limit?.resource))
        }
    }

    private static func comes(_ condition: () async throws -> Bool) async throws {
        let hasCome = try await eventually(condition)
        #expect(hasCome)
    }

    /// The sweep and the training have gone on to a release, and no job was submitted twice, nor a run done twice.
    private static func isWhole(_ fixture: EngineFixture) async throws {
        let submissions = fixture.training.submissions.filter { $0.hasPrefix("parity-") }
        let jobs = try await fixture.control.jobs(name: "parity")
        #expect(Set(submissions).count == submissions.count)
        #expect(Set(jobs.map(\.intent)) == Set(submissions) && jobs.allSatisfy { $0.state == .finished })
        let runs = jobs.compactMap(\.run).map { [$0.trial, $0.rung, $0.fold ?? -1, Int($0.seed)] }
        #expect(runs.count == jobs.count - 1 && Set(runs).count == runs.count)
        let sweep = try #require(try await fixture.control.explain(name: "parity").sweeps?.first)
        #expect(sweep.trials.count == 6 && sweep.jobs == runs.count)
        #expect(sweep.trials[0].setting.learningRate == 2e-3 && sweep.trials[0].rung == 2)
    }

    @Test("as many run as there are places; a restart in the middle finds all of them, and trains none twice")
    func restart() async throws {
        try await Self.run(places: 2) { fixture, _ in
            let training = fixture.training
            try await fixture.apply(Self.swept)
            try await fixture.withWorker("first") {
                try await Self.comes { training.submissions.count == 2 }
            }
            let cycle = try await fixture.cycle()
            let open = try await fixture.store.openTrials(of: cycle.id, purpose: .trial, attempt: 1)
            #expect(open.map(\.number) == [1, 2] && Set(open.map(\.job.intent)) == Set(training.submissions))
            #expect(open.map(\.run.trial) == [1, 2])
            try await fixture.withWorker("second") {
                // Both are followed again before a third is begun.
                try await Self.comes { training.submittedAtLookUps.count >= 4 }
            }
            #expect(training.submissions.count == 2)
            training.letJobsGo()
            try await fixture.work(as: "third") { $0.isLive }
            #expect(training.mostAtOnce == 2)
            try await Self.isWhole(fixture)
        }
    }

    @Test("a sweep goes on with fewer while another use case has places, and takes them when they come free")
    func fewer() async throws {
        try await Self.run(places: 2) { fixture, resource in
            let training = fixture.training
            #expect(try await fixture.store.takePlace(resource, by: "other", limit: 2, lease: .seconds(3600)))
            try await fixture.apply(Self.swept)
            try await fixture.withWorker("first") {
                try await Self.comes {
                    try await fixture.control.jobs(name: "parity").contains { $0.phase == "waiting for a place" }
                }
                try await Self.comes { training.submissions.count == 1 }
                let full = try await fixture.pool.query("SELECT FROM work_item WHERE error_code = 'executor.full'")
                #expect(full.isEmpty)
                try await fixture.store.giveUp(resource, of: "other")
                try await Self.comes { training.submissions.count == 2 }
                training.letJobsGo()
                try await Self.comes { try await fixture.currentState().isLive }
            }
            #expect(training.mostAtOnce == 2)
            try await Self.isWhole(fixture)
        }
    }

    @Test("one place is enough for a whole sweep while another use case keeps the other")
    func one() async throws {
        try await Self.run(places: 2) { fixture, resource in
            #expect(try await fixture.store.takePlace(resource, by: "other", limit: 2, lease: .seconds(3600)))
            fixture.training.letJobsGo()
            try await fixture.apply(Self.swept)
            try await fixture.work { $0.isLive }
            #expect(fixture.training.mostAtOnce == 1)
            try await Self.isWhole(fixture)
        }
    }

    @Test("another use case's training begins when the first trial of a sweep ends that has every place")
    func turns() async throws {
        try await Self.run(places: 2) { fixture, _ in
            let training = fixture.training
            try await fixture.apply(Self.swept)
            try await fixture.withWorker("first") {
                try await Self.comes { training.submissions.count == 2 }
                try await fixture.apply(Self.twin)
                try await Self.comes {
                    try await fixture.control.jobs(name: "twin").contains { $0.phase == "waiting for a place" }
                }
                training.letGo(training.submissions[0])
                try await Self.comes { training.submissions.count == 3 }
                #expect(training.submissions[2].hasPrefix("twin-"))
                training.letJobsGo()
                try await Self.comes { try await fixture.currentState().isLive }
            }
            #expect(training.mostAtOnce == 2)
            try await Self.isWhole(fixture)
        }
    }

    @Test("a sweep none of whose trials has a place waits, and no attempt of it is counted", arguments: [1, 2])
    func full(places: Int) async throws {
        try await Self.run(places: places) { fixture, resource in
            let others = (1...places).map { "other \($0)" }
            for other in others {
                #expect(try await fixture.store.takePlace(resource, by: other, limit: places, lease: .seconds(3600)))
            }
            fixture.training.letJobsGo()
            try await fixture.apply(Self.swept)
            try await fixture.withWorker("first") {
                try await Self.comes {
                    let waiting = try await fixture.pool.query(
                        "SELECT FROM work_item WHERE state = 'queued' AND attempts = 0 AND error_code = 'executor.full'"
                    )
                    return !waiting.isEmpty
                }
                #expect(fixture.training.submissions.isEmpty)
                for other in others { try await fixture.store.giveUp(resource, of: other) }
            }
            try await fixture.work(as: "second") { $0.isLive }
            #expect(fixture.training.mostAtOnce <= places)
            try await Self.isWhole(fixture)
        }
    }

    @Test("a trial that is cancelled ends the sweep, and the others are stopped")
    func cancelled() async throws {
        try await Self.run(places: 2) { fixture, resource in
            let training = fixture.training
            try await fixture.apply(Self.swept)
            try await fixture.withWorker("first") {
                try await Self.comes { training.submissions.count == 2 }
                training.cancelByHand(training.submissions[0])
                try await Self.comes { try await fixture.currentState().isBlocked }
            }
            #expect(try await fixture.currentState().block?.code == "training.cancelled")
            #expect(training.submissions.count == 2 && training.cancellations == [training.submissions[1]])
            #expect(try await fixture.control.jobs(name: "parity").map(\.state) == [.cancelled, .cancelled])
            for newcomer in ["a", "b"] {
                #expect(try await fixture.store.takePlace(resource, by: newcomer, limit: 2, lease: .seconds(3600)))
            }
        }
    }

    @Test("a trial that another try may mend lets the others go, and all of them are found again")
    func triedAgain() async throws {
        try await Self.run(places: 2) { fixture, _ in
            let training = fixture.training
            try await fixture.apply(Self.swept)
            try await fixture.withWorker("first") {
                try await Self.comes { training.submissions.count == 2 }
                training.failOnce(training.submissions[0])
                try await Self.comes {
                    try await !fixture.pool.query("SELECT FROM work_item WHERE attempts >= 2").isEmpty
                }
                #expect(training.cancellations.isEmpty)
                training.letJobsGo()
                try await Self.comes { try await fixture.currentState().isLive }
            }
            try await Self.isWhole(fixture)
        }
    }

    @Test("the runs of a pilot go on side by side")
    func pilot() async throws {
        let skill: @Sendable (TrainingSpec) -> Int = { specification in
            let rows = specification.rows.count + specification.validationRows.count
            return rows >= 100 ? 10 : rows / 10
        }
        try await Self.run(places: 3, skill: skill) { fixture, _ in
            let training = fixture.training
            var definition = EngineFixture.definition()
            definition.fineTune = FineTuneDefinition(
                minimumExamples: 100, pilot: PilotDefinition(sizes: [20, 40, 80], seeds: [1, 2]))
            try await fixture.apply(definition)
            try await fixture.withWorker("first") {
                try await Self.comes { training.submissions.count == 3 }
            }
            training.letJobsGo()
            try await fixture.work(as: "second") { $0.isLive }
            #expect(training.mostAtOnce == 3)
            #expect(training.submissions.count == 7 && Set(training.submissions).count == 7)
            let cycle = try await fixture.cycle()
            let points = try await fixture.store.learningCurve(of: cycle.id, upTo: 1)
            #expect(points.map(\.examples) == [20, 40, 80])
        }
    }

    @Test("the batch size and the weight decay that do best are trained with")
    func batchSize() async throws {
        let skill: @Sendable (TrainingSpec) -> Int = { specification in
            let rows = specification.rows.count + specification.validationRows.count
            let isBest = specification.lora.batchSize == 16 && specification.lora.weightDecay == 0.1
            return rows == EngineFixture.trainingCount || isBest ? 10 : 7
        }
        try await EngineFixture.run(promptsWork: false, skill: skill) { fixture in
            var definition = EngineFixture.definition()
            definition.fineTune = FineTuneDefinition(
                minimumExamples: 100, sweep: SweepDefinition(batchSizes: [8, 16], weightDecays: [0, 0.1], trials: 4))
            try await fixture.apply(definition)
            try await fixture.work { $0.isLive }
            let final = try #require(fixture.training.submissions.last.flatMap(fixture.training.specification))
            #expect(final.lora.batchSize == 16 && final.lora.weightDecay == 0.1 && final.lora.rank == 8)
            let sweep = try #require(try await fixture.control.explain(name: "parity").sweeps?.first)
            #expect(sweep.trials.count == 4 && sweep.trials[0].setting.batchSize == 16)
        }
    }

    // MARK: Who is at work

    private static func trial(_ number: Int, externalID: String? = nil) -> OpenTrial {
        OpenTrial(
            number: number,
            run: TrialRun(
                trial: number, setting: TrialSetting(LoRADefinition()), rung: 0, fold: nil, seed: 1, rows: 50,
                limitSeconds: 60),
            job: TrainingJob(
                id: TrainingJobID(Int64(number)), cycle: CycleID(1), attempt: 1, intent: "i\(number)",
                executor: "scripted", externalID: externalID, state: externalID == nil ? .intended : .running, offset: 0
            ))
    }

    @Test("jobs that the executor has are followed, whatever the room; the others wait for it")
    func takenUp() {
        let open = [Self.trial(2), Self.trial(3, externalID: "a"), Self.trial(5, externalID: "b")]
        var roster = TrialRoster(open, begun: 5, places: 1)
        var begun: [Int] = []
        while roster.hasRoom, let trial = roster.takeUp() {
            roster.start(trial)
            begun.append(trial.number)
        }
        #expect(begun == [3, 5] && roster.running.map(\.number) == [3, 5] && roster.nextNumber == 6)
        roster.end(open[1])
        #expect(!roster.hasRoom)
        roster.end(open[2])
        #expect(roster.hasRoom)
        let last = roster.takeUp()
        let none = roster.takeUp()
        #expect(last == open[0] && none == nil)
    }

    @Test("who found no place waits, and the room grows again by one at a time")
    func room() throws {
        var roster = TrialRoster([], begun: 0, places: 3)
        for number in 1...3 { roster.start(Self.trial(number)) }
        #expect(!roster.hasRoom && !roster.isNarrowed && roster.nextNumber == 4)
        roster.putBack(Self.trial(2))
        roster.putBack(Self.trial(3))
        #expect(roster.running.map(\.number) == [1] && roster.isNarrowed && !roster.hasRoom)
        roster.widen()
        #expect(roster.hasRoom)
        let taken = roster.takeUp()
        let again = try #require(taken)
        roster.start(again)
        #expect(again.number == 2 && !roster.hasRoom && roster.isNarrowed)
        roster.widen()
        roster.widen()
        #expect(roster.hasRoom && !roster.isNarrowed)
    }
}
