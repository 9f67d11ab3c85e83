import FledgeCore
import FledgeDocument

/// Scores the recorded answers again, and computes gates and decisions again; it asks no model and writes nothing.
struct DecisionReplay: Sendable {
    let stores:
        any CycleStore & ExperimentStore & SearchStore & DecisionStore & TrainingStore & TuningStore & StatusStore
    let gates: GateHandler
    let answers: AnswerReplay

    /// - Parameter erased: what was erased of a cycle's evidence: such a cycle is not computed again.
    func replay(
        _ useCase: UseCaseID, name: String, erased: (CycleID) async throws -> [AuditFinding]
    ) async throws -> Replay {
        var replay = Replay(useCase: name, records: [])
        let history = try await stores.history(of: useCase)
        for cycle in try await stores.cycles(of: useCase) {
            let rows = try await erased(cycle.id)
            if rows.isEmpty {
                replay.records += try await self.replay(cycle, pins: PinHistory(history, of: cycle))
            } else {
                replay.records += try await unknown(cycle)
                replay.erased = (replay.erased ?? []) + [Replay.Erased(cycle: cycle.number, rows: rows)]
            }
        }
        return replay
    }

    /// A difference that stands for "erased", for an older `fledge`, which takes a record without differences for one
    /// that was computed again and is the same.
    private static let erased = JSONDifference(path: "evidence", recorded: "whole", computed: "erased")

    /// The records of a cycle whose evidence is not whole.
    private func unknown(_ cycle: Cycle) async throws -> [Replay.Record] {
        func record(_ subject: Replay.Record.Subject, look: Int, number: Int?, _ recorded: String) -> Replay.Record {
            Replay.Record(
                subject: subject, cycle: cycle.number, look: look, number: number, recorded: recorded,
                computed: "unknown", differences: [Self.erased], note: "unknown: erased", isErased: true)
        }
        let gates = try await stores.gates(of: cycle.id).map {
            record(.gate, look: $0.look, number: nil, $0.verdict.rawValue)
        }
        return try await gates
            + stores.decisions(of: cycle.id).map {
                record(.decision, look: $0.evidence.gate.look, number: $0.number, $0.kind.rawValue)
            }
    }

    /// The cycle as it was pinned when its gate of that look was evaluated and decided on.
    private func cycle(_ cycle: Cycle, at look: Int, _ pins: PinHistory) async throws -> Cycle {
        guard let number = pins.revision(atLook: look), number != cycle.revision.number,
            let revision = try await stores.revision(number, of: cycle.useCase)
        else { return cycle }
        var earlier = cycle
        earlier.revision = revision
        return earlier
    }

    private func replay(_ cycle: Cycle, pins: PinHistory) async throws -> [Replay.Record] {
        var records: [Replay.Record] = []
        let recorded = try await stores.gates(of: cycle.id)
        var computed: [GateResult] = []
        for gate in recorded {
            let pinned = try await self.cycle(cycle, at: gate.look, pins)
            let again = try await gates.result(of: gate.candidate, in: pinned, look: gate.look)
            computed.append(again)
            let scored = try await stores.experiment(cycle: cycle.id, purpose: .gate, round: gate.look).asyncMap {
                try await answers.differences(in: $0, of: pinned)
            }
            records.append(
                Replay.Record(
                    subject: .gate, cycle: cycle.number, look: gate.look, number: nil, recorded: gate.verdict.rawValue,
                    computed: again.verdict.rawValue,
                    differences: try JSONDifference.between(gate, again) + (scored ?? []), note: nil))
        }
        for decision in try await stores.decisions(of: cycle.id) {
            let look = decision.evidence.gate.look
            guard let gate = computed.first(where: { $0.look == look }) else { continue }
            let pinned = try await self.cycle(cycle, at: look, pins)
            var record = try await replay(decision, gate: gate, earlier: computed, of: pinned)
            record.differences += try await searched(for: decision, of: pinned)
            records.append(record)
        }
        return records
    }

    /// The differences between recorded and newly computed scores, of the answers to the prompts that a decision looked
    /// at.
    private func searched(for decision: Decision, of cycle: Cycle) async throws -> [JSONDifference] {
        let rounds = decision.evidence.roundsRun ?? decision.evidence.roundScores.count
        var found: [JSONDifference] = []
        for search in try await stores.searches(of: cycle.id) where search.round <= rounds {
            found += try await answers.differences(in: search, of: cycle)
        }
        for attempt in stride(from: 1, through: decision.evidence.trainingsDone, by: 1) {
            guard let compared = try await stores.experiment(cycle: cycle.id, purpose: .adapter, round: attempt) else {
                continue
            }
            found += try await answers.differences(in: compared, of: cycle)
        }
        return found
    }

    private func replay(_ decision: Decision, gate: GateResult, earlier: [GateResult], of cycle: Cycle) async throws
        -> Replay.Record
    {
        var recorded = decision
        recorded.number = nil
        let standing = DecisionEvidenceReader.Standing(
            rounds: decision.evidence.roundsRun ?? decision.evidence.roundScores.count,
            trainings: decision.evidence.trainingsDone)
        let again = DecisionRules.decide(
            try await DecisionEvidenceReader(stores: stores)
                .evidence(for: gate, earlier: earlier, of: cycle, at: standing))
        var differences: [JSONDifference]
        var note: String?
        if decision.rulesVersion == DecisionRules.version {
            differences = try JSONDifference.between(recorded, again)
        } else {
            // Older rules looked at less and worded it differently, so only the kind of the decision can be compared.
            note = "decided by rules \(decision.rulesVersion ?? 1), computed again by rules \(DecisionRules.version)"
            differences = try JSONDifference.between(["kind": recorded.kind.rawValue], ["kind": again.kind.rawValue])
        }
        differences.sort { $0.path < $1.path }
        return Replay.Record(
            subject: .decision, cycle: cycle.number, look: gate.look, number: decision.number,
            recorded: recorded.kind.rawValue, computed: again.kind.rawValue, differences: differences, note: note)
    }
}
