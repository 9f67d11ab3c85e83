import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Foundation
import Testing

@Suite("Schedules and reports in PostgreSQL")
struct StoresReportTests {
    private static let slot = Date(timeIntervalSince1970: 1_800_000_000)
    private static let next = slot.addingTimeInterval(604_800)

    private static func request(_ schedule: DueSchedule) -> ReportRequest {
        ReportRequest(
            useCase: schedule.useCase, schedule: schedule.id, slot: slot, from: nil, formats: [.html],
            key: "\(schedule.id)@1")
    }

    @Test("a slot fires once, however many daemons see it")
    func fireOnce() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            _ = try await fixture.useCase()
            let new = try #require(try await store.unplannedSchedules().first)
            #expect(new.definition == StoresFixture.weekly && new.useCase == "colour")
            #expect(try await store.dueSchedules(now: .distantFuture).isEmpty)
            try await store.plan(new.id, nextSlot: Self.slot)
            #expect(try await store.unplannedSchedules().isEmpty)
            #expect(try await store.dueSchedules(now: Self.slot.addingTimeInterval(-1)).isEmpty)
            let due = try #require(try await store.dueSchedules(now: Self.slot).first)
            #expect(due.nextSlot == Self.slot)
            let fired = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        try await store.fire(due, slot: Self.slot, nextSlot: Self.next, request: Self.request(due))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(fired.filter { $0 }.count == 1)
            #expect(
                try await store.claim(limit: 9, worker: "w", lease: .seconds(3600)).map(\.report) == [Self.request(due)]
            )
            #expect(try await store.dueSchedules(now: Self.slot).isEmpty)
            #expect(try await store.dueSchedules(now: Self.next).map(\.nextSlot) == [Self.next])
        }
    }

    @Test("a new revision keeps the schedules that it names, ends the others, and plans one that comes back anew")
    func schedulesFollowTheDefinition() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let weekly = StoresFixture.weekly
            let daily = StoresFixture.daily
            _ = try await store.apply(StoresFixture.submission(purpose: "1", reports: [weekly, daily]))
            for schedule in try await store.unplannedSchedules() {
                try await store.plan(schedule.id, nextSlot: Self.slot)
            }
            _ = try await store.apply(StoresFixture.submission(purpose: "2", reports: [weekly]))
            #expect(try await store.dueSchedules(now: Self.slot).map(\.definition) == [weekly])
            _ = try await store.apply(StoresFixture.submission(purpose: "3", reports: [weekly, daily]))
            #expect(try await store.dueSchedules(now: Self.slot).map(\.definition) == [weekly])
            #expect(try await store.unplannedSchedules().map(\.definition) == [daily])
            _ = try await store.apply(StoresFixture.submission(purpose: "4", reports: []))
            #expect(try await store.dueSchedules(now: Self.slot).isEmpty)
        }
    }

    @Test("a report tells what the tables hold, and is stored once for its request")
    func content() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await fixture.startedCycle()
            let candidate = StoresFixture.candidate("zero-shot")
            let experiment = try await store.openExperiment(
                cycle: cycle.id, purpose: .search, round: 1, candidates: [candidate], plannedCalls: 1)
            let example = try await store.examples(of: cycle.snapshot, in: .prototype)[0]
            try await store.write(
                SampleBatch(
                    experiment: experiment.id, samples: [StoresFixture.sample(candidate, example.id)], answers: [:]))
            let job = try await store.openJob(cycle: cycle.id, attempt: 1, intent: "i", executor: "local")
            _ = try await store.apply(StoresFixture.submission(prompt: "Another."))
            let to = Date.now.addingTimeInterval(60)
            let report = try await store.reportContent(useCase: nil, from: nil, to: to)
            let part = try #require(report.useCases.first)
            #expect(part.status.name == "colour" && part.purpose == "Name the colour.")
            #expect(part.history.map(\.event) == ["started"] && part.candidates.map(\.name) == ["zero-shot"])
            #expect(part.trainings.map(\.job.id) == [job.id] && part.gates.isEmpty && part.releases.isEmpty)
            #expect(part.nextSteps.contains { $0.contains("Prompt round 1") })
            #expect(part.nextSteps.contains { $0.contains("Revision 2 waits") })
            #expect(try await store.reportContent(useCase: "colour", from: to, to: to).useCases[0].history.isEmpty)

            let request = ReportRequest(
                useCase: "colour", schedule: nil, slot: nil, from: nil, formats: [.html], key: "now-1")
            let first = try await store.storeReport(report, request: request, files: ["html": "a.html"])
            let again = try await store.storeReport(report, request: request, files: ["html": "b.html"])
            #expect(first == again && first.files == ["html": "a.html"] && first.useCase == "colour")
            #expect(try await store.reports(useCase: nil) == [first])
            #expect(try await store.reports(useCase: "shape") == [])
        }
    }
}
