import Foundation

/// What a cycle's history comes to: rounds, looks and trainings, counted from its events.
///
/// The history is chained, and a cycle's row is not: what decisions read of the row is compared with this.
package struct CountedHistory: Hashable, Sendable {
    package private(set) var state = CycleState.new
    /// Whether every event was counted by these rules. Builds of before have counted some otherwise: what differs is unknown then.
    package private(set) var isByTheseRules = true
    /// Who was under the gate at a look; more than one where looks were counted anew.
    private var candidates: [Int: Set<CandidateID>] = [:]
    /// Trainings that there had been when a look was judged.
    private var trainings: [Int: Set<Int>] = [:]

    /// - Parameters:
    ///   - history: of the use case, oldest entry first.
    ///   - cycle: the cycle's number.
    ///   - sequence: the last entry that counts.
    /// - Returns: nil where an event of the cycle is one that only a newer version knows, or was counted by one's rules.
    package init?(_ history: [HistoryEntry], of cycle: Int, upTo sequence: Int) {
        for entry in history where entry.cycle == cycle && entry.sequence <= sequence {
            guard let recorded = RecordedEvent(entry.evidence), recorded.rules ?? 0 <= CycleState.rules else {
                return nil
            }
            let event = recorded.event
            if recorded.rules != CycleState.rules { isByTheseRules = false }
            state.stage = entry.toStage
            state.activity = entry.toActivity
            state.remember(event)
            switch event {
            case .candidateChosen(let candidate): candidates[state.looks, default: []].insert(candidate)
            case .gateJudged: trainings[state.looks, default: []].insert(state.trainings)
            default: break
            }
        }
    }

    /// What a cycle's row says otherwise, each with both values; empty where they agree.
    ///
    /// Stage and activity are compared elsewhere; a block counts by its code.
    package func differences(from row: CycleState) -> [String] {
        var found: [String] = []
        func compare<Value: Equatable>(_ name: String, _ row: Value, _ counted: Value, as text: (Value) -> String) {
            if row != counted { found.append("\(name) \(text(row)), \(text(counted)) by its history") }
        }
        func compare<Value: Equatable>(_ name: String, _ row: Value, _ counted: Value) {
            compare(name, row, counted, as: { "\($0)" })
        }
        compare("round", row.round, state.round)
        compare("looks", row.looks, state.looks)
        compare("trainings", row.trainings, state.trainings)
        compare("candidate", row.candidate, state.candidate, as: { $0?.short ?? "none" })
        compare("paused", row.isPaused, state.isPaused)
        compare("block", row.block?.code ?? "none", state.block?.code ?? "none")
        return found
    }

    /// Whether a gate of that look can have judged the candidate: nobody else was chosen for it.
    package func allows(_ candidate: CandidateID, atLook look: Int) -> Bool {
        candidates[look]?.contains(candidate) ?? true
    }

    /// Whether a decision after that look can have seen so many trainings.
    package func allows(trainings: Int, atLook look: Int) -> Bool {
        self.trainings[look]?.contains(trainings) ?? true
    }
}
