import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Foundation

/// A write of a store's, with what is there before it, and what comes of making it twice.
struct StoreWrite: Sendable, CustomStringConvertible {
    enum Twice: Sendable, Equatable {
        /// The second changes nothing more, and answers the same.
        case same
        /// The second changes nothing, and says so by this code.
        case refused(FledgeError.Code)
        /// The second changes nothing, and answers that it was done.
        case answered
        /// The second counts: the requirement says why nobody may repeat it.
        case counts
    }

    /// What most writes need: a cycle whose first work is due, with an experiment that has one candidate.
    struct Scene: Sendable {
        let fixture: StoresFixture
        let cycle: Cycle
        let experiment: Experiment
        let candidate: Candidate
        let examples: [Example]
        let schedule: DueSchedule

        var store: PostgresStores { fixture.store }
    }

    let description: String
    let twice: Twice
    /// Prepares what this write alone needs, and gives the write, which gives its answer as text.
    let prepare: @Sendable (Scene) async throws -> @Sendable () async throws -> String

    init(
        _ description: String, twice: Twice = .same,
        _ prepare: @escaping @Sendable (Scene) async throws -> @Sendable () async throws -> String
    ) {
        self.description = description
        self.twice = twice
        self.prepare = prepare
    }

    /// A write that needs nothing besides the scene, and answers nothing.
    static func plain(
        _ description: String, twice: Twice = .same, _ write: @escaping @Sendable (Scene) async throws -> Void
    ) -> StoreWrite {
        StoreWrite(description, twice: twice) { scene in
            {
                try await write(scene)
                return ""
            }
        }
    }

    static func scene(_ fixture: StoresFixture) async throws -> Scene {
        let store = fixture.store
        let cycle = try await fixture.startedCycle()
        let candidate = StoresFixture.candidate("zero-shot")
        let experiment = try await store.openExperiment(
            cycle: cycle.id, purpose: .gate, round: 1, candidates: [candidate], plannedCalls: 2)
        let slot = Date(timeIntervalSince1970: 1_800_000_000)
        for schedule in try await store.unplannedSchedules() { try await store.plan(schedule.id, nextSlot: slot) }
        guard let schedule = try await store.dueSchedules(now: slot).first else { throw Missing() }
        return Scene(
            fixture: fixture, cycle: cycle, experiment: experiment, candidate: candidate,
            examples: try await store.examples(of: cycle.snapshot, in: .prototype), schedule: schedule)
    }

    struct Missing: Error {}
}
