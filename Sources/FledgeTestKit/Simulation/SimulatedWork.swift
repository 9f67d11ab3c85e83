import FledgeCore

/// What real handlers can make of a piece of work, drawn at random.
enum SimulatedWork {
    enum Ending: Sendable, Hashable {
        case finished
        case event(CycleEvent)
        case failed(mayPass: Bool)
    }

    private static let candidates = (1...4).compactMap { CandidateID(rawValue: String(repeating: "\($0)", count: 64)) }

    /// - Parameter isCalm: without failures, and straight on to production.
    static func ending(of action: CycleAction, isCalm: Bool, _ random: inout SplitMix64) -> Ending {
        let draw = isCalm ? 0 : random.next(below: 100)
        // What a cycle does not wait for fails more often, since little comes of it otherwise.
        if draw >= (action.kind == .notify ? 75 : 91) { return .failed(mayPass: draw < 97 && draw % 2 == 0) }
        let other = candidates[Int(random.next(below: UInt64(candidates.count)))]
        switch action {
        case .runExperiment(let round): return .event(draw < 60 || round > 3 ? .candidateChosen(other) : .roundFinished)
        case .judgeGate(let candidate, _): return .event(.gateJudged(verdict(draw), candidate))
        case .decide(let candidate, _): return .event(decision(draw, candidate: candidate))
        case .train:
            return .event(
                draw < 80 ? .trainingFinished(other) : .trainingFailed(code: "training.failed", message: "diverged"))
        case .comparePrompts(let candidate, _): return .event(.candidateChosen(candidate))
        case .makeRelease: return .event(.releaseMade(number: 1))
        case .notify: return .finished
        }
    }

    private static func verdict(_ draw: UInt64) -> Verdict {
        switch draw {
        case ..<40: .passed
        case ..<65: .failed
        case ..<85: .inconclusive
        default: .error
        }
    }

    private static func decision(_ draw: UInt64, candidate: CandidateID) -> CycleEvent {
        switch draw {
        case ..<30: .decisionMade(.promote)
        case ..<55: .decisionMade(.fineTune)
        case ..<70: .decisionMade(.keepPrototyping)
        case ..<78: .decisionMade(.needsData)
        case ..<84: .decisionMade(.stop)
        default: .earlierPromoted(candidate)
        }
    }
}

extension SimulatedWork {
    /// Every gate is passed, and every candidate promoted.
    static func straightOn(_ action: CycleAction) -> Ending {
        switch action {
        case .runExperiment: .event(.candidateChosen(candidates[0]))
        case .judgeGate(let candidate, _): .event(.gateJudged(.passed, candidate))
        case .decide: .event(.decisionMade(.promote))
        case .train: .event(.trainingFinished(candidates[1]))
        case .comparePrompts(let candidate, _): .event(.candidateChosen(candidate))
        case .makeRelease: .event(.releaseMade(number: 1))
        case .notify: .finished
        }
    }
}
