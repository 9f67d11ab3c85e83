/// Where what was applied last came to rest: what `fledge wait` waits for, and what it exits with.
///
/// It speaks of the latest revision alone. An earlier release may go on serving whatever comes of it: `UseCaseStatus.serving`
/// tells that.
package enum Arrival: Equatable, Sendable {
    /// The release that the applied revision led to serves production.
    case live
    /// It is live, but a person went back to a release of an earlier revision.
    case rolledBack
    case blocked, inconclusive, awaitingApproval, retired

    /// Nil while it is under way, or paused, or gives way to a newer revision.
    package init?(_ status: UseCaseStatus) {
        let isNewest = status.newestRevision.map { $0 <= status.revision } ?? true
        let state = status.state
        if state.stage == .retired {
            self = .retired
        } else if state.hasArrived, !isNewest {
            return nil
        } else if state.block != nil {
            self = status.lastGate?.verdict == .inconclusive ? .inconclusive : .blocked
        } else if state.stage == .production, state.activity == .live {
            let isOwn = status.serving.map { $0.cycle == status.cycle } ?? true
            self = isOwn ? .live : .rolledBack
        } else if state.activity == .awaitingApproval, !state.isPaused {
            self = .awaitingApproval
        } else {
            return nil
        }
    }

    /// 0 only where what was applied is what serves; 3 where it does not and will not by itself; 5 where a person or more
    /// examples have to settle it.
    package var exitStatus: ExitStatus {
        switch self {
        case .live: .success
        case .blocked, .retired, .rolledBack: .failed
        case .inconclusive, .awaitingApproval: .inconclusive
        }
    }

    /// What serves where that is not what was applied last; nil where it is, or where there is nothing to say.
    package func aside(_ status: UseCaseStatus) -> String? {
        guard self != .live, let serving = status.serving else { return nil }
        let release = "release \(serving.release) (revision \(serving.revision))"
        return switch self {
        case .rolledBack: "\(release) serves: \(serving.move.actor) went back to it (\(serving.move.reason))"
        default: "\(release) goes on serving"
        }
    }
}
