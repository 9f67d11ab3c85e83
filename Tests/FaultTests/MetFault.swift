import FledgeTestKit

/// A use case that met its fault, and what has to be seen of it.
struct MetFault: Sendable {
    var scenario: FaultScenario
    var mode: FaultMode
    var session: FaultSession

    /// Whether the fault is met by calls that are made: not by the list of models, nor by what is never sent.
    private var isCall: Bool {
        if case .hugeSeed = mode.condition { return false }
        return mode.models == nil
    }

    /// More calls in vain than are under way at once are too many, where none can succeed.
    private static let atOnce = 24

    /// Whether the fault is a judge's own, which is compared with a judged run.
    var isJudge: Bool { scenario.isJudged(mode) && scenario.place == .start }

    /// What is wrong while the fault lasts.
    func problems(_ ending: FaultEnding, undisturbed: FaultEnding.Evidence) -> [String] {
        var problems: [String] = []
        if ending.paid > scenario.capMicroDollars { problems.append("paid \(ending.paid)") }
        if session.hits == 0, isCall { problems.append("the fault was never met") }
        switch mode.treatment {
        case .mended:
            if !ending.isLive { problems.append("\(ending.words) instead of live") }
            if ending.isLive, ending.evidence != undisturbed { problems.append("other evidence: \(ending.evidence)") }
        case .blocks(let code) where scenario.share == .capped:
            problems += blockProblems(ending, ending.block == "spend.cap_reached" ? "spend.cap_reached" : code)
        case .blocks(let code):
            problems += blockProblems(ending, code)
            if mode.isAskedAgain, isCall, session.mostTries < 2 { problems.append("no question was asked again") }
            if !mode.isAskedAgain, session.hits > Self.atOnce {
                problems.append("it was asked \(session.hits) times in vain")
            }
            if let cause = mode.cause, !ending.text.contains(cause) {
                problems.append("explain doesn't say \(cause): \(ending.head)")
            }
        case .countsApart(let word):
            if !ending.says(word) { problems.append("explain doesn't say \(word): \(ending.head)") }
            switch scenario.share {
            case .few: if !ending.isLive { problems.append("\(ending.words) instead of live") }
            case .all, .capped:
                problems += blockProblems(
                    ending, scenario.place == .holdout ? "gate.answers_missing" : "answers.missing")
            }
        }
        return problems
    }

    private func blockProblems(_ ending: FaultEnding, _ code: String) -> [String] {
        var problems: [String] = []
        if ending.block != code {
            problems.append("\(ending.words) after \(session.hits) hits instead of blocked with \(code)")
        }
        if !ending.evidence.gates.isEmpty { problems.append("a gate was judged: \(ending.evidence.gates)") }
        if !ending.evidence.decisions.isEmpty { problems.append("decided \(ending.evidence.decisions)") }
        if ending.looks > 0 { problems.append("a look was spent") }
        return problems
    }

    /// What is wrong when the cause is gone and it was tried again.
    func problemsMended(_ ending: FaultEnding, undisturbed: FaultEnding.Evidence) -> [String] {
        var problems: [String] = []
        if !ending.isLive { problems.append("mended: \(ending.words) instead of live") }
        if ending.paid > scenario.capMicroDollars { problems.append("mended: paid \(ending.paid)") }
        if ending.looks > 1 { problems.append("mended: \(ending.looks) looks were spent") }
        if ending.isLive, ending.evidence != undisturbed {
            problems.append("mended: other evidence: \(ending.evidence)")
        }
        if session.repeated > 0 { problems.append("\(session.repeated) answers were lost and asked for again") }
        return problems
    }
}

extension FaultEnding {
    /// The first lines of what `fledge explain` prints.
    var head: String { text.split(separator: "\n").prefix(2).joined(separator: " | ") }

    /// Whether `fledge explain` names a code's last part, or a shortfall.
    func says(_ word: String) -> Bool {
        let word = word.split(separator: ".").last.map(String.init) ?? word
        return text.lowercased().contains(word) || text.lowercased().contains(word.replacing(#/[-_]/#, with: " "))
    }
}
