import FledgeCore
import FledgeEngine

/// What the demo shows at its end: how each use case went its way, with the numbers.
struct DemoSummary {
    struct UseCase {
        var explanation: Explanation
        var scores: [CandidateScore]
    }

    var useCases: [UseCase]

    func render() -> String {
        TextTable(
            ["Use case", "Way", "Best prompt, holdout", "Tuned, holdout", "Release"],
            rows: useCases.map { useCase in
                let tuned = Set(useCase.scores.filter { $0.adapter != nil }.map(\.candidate))
                let gates = useCase.explanation.gates
                return [
                    useCase.explanation.status.name, Self.way(useCase.explanation),
                    Self.holdout(gates.last { !tuned.contains($0.candidate) }),
                    Self.holdout(gates.last { tuned.contains($0.candidate) }),
                    useCase.explanation.status.release.map { "release \($0)" } ?? "none",
                ]
            }
        ).render()
    }

    /// `fine-tune → promote`
    static func way(_ explanation: Explanation) -> String {
        let decisions = explanation.decisions.map(\.kind.rawValue)
        let end =
            explanation.status.state.block.map { "blocked (\($0.code))" } ?? explanation.status.state.stage.rawValue
        return (decisions + (decisions.last == end ? [] : [end])).joined(separator: " → ")
    }

    static func holdout(_ gate: GateResult?) -> String {
        guard let gate else { return ValueText.missing }
        let primary = gate.criteria.first { $0.value != nil && $0.value == gate.holdoutScore } ?? gate.criteria.first
        return
            "\(ValueText.interval(gate.holdoutScore ?? primary?.value, primary?.lower, primary?.upper)) \(gate.verdict.rawValue)"
    }
}
