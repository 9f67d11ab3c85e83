import FledgeCore
import FledgeTestKit
import Testing

@Suite("A simulated fleet of daemons")
struct SimulationTests {
    /// More of them: `swift run -c release FledgeBench simulate`.
    static let seeds: Range<UInt64> = 0..<100

    @Test("keeps every promise, whatever goes wrong, in every story")
    func promises() {
        let simulation = Simulation()
        var transitions = 0
        for seed in Self.seeds {
            let outcome = simulation.run(seed: seed)
            transitions += outcome.transitions
            #expect(
                outcome.violation == nil,
                "FledgeBench simulate --seed \(seed) tells the story: \(outcome.violation.map { "\($0)" } ?? "")")
        }
        // Stories in which nothing happens would keep every promise too.
        #expect(transitions > 10 * Self.seeds.count)
    }

    @Test("breaks a promise when a mistake is planted", arguments: PlantedBug.allCases.filter(\.showsUnscripted))
    func plantedBug(_ bug: PlantedBug) {
        #expect(Simulation(bug: bug).firstViolation(in: 0..<1_000) != nil, "nobody would notice \(bug.rawValue)")
    }

    @Test("has a script for each mistake that stories without one do not come to")
    func scripted() {
        let scripted = Set(PublishedFailure.all.map(\.bug))
        #expect(PlantedBug.allCases.allSatisfy { $0.showsUnscripted || scripted.contains($0) })
    }

    @Test("tells the same story for the same seed")
    func sameStory() {
        let first = Simulation().trace(seed: 7)
        let second = Simulation().trace(seed: 7)
        #expect(first.steps == second.steps && !first.steps.isEmpty)
        #expect(first.outcome.steps == Simulation().run(seed: 7).steps, "writing it down changes nothing")
    }

    @Test("comes to every kind of event that there is")
    func everyEvent() {
        var seen: Set<CycleEvent.Kind> = []
        for seed in 0..<300 as Range<UInt64> where seen.count < CycleEvent.Kind.allCases.count {
            let story = Simulation().trace(seed: seed)
            for useCase in story.store.useCases { seen.formUnion(useCase.history.map(\.event)) }
        }
        #expect(Set(CycleEvent.Kind.allCases).subtracting(seen) == [])
    }
}
