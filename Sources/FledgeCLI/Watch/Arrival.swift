import FledgeCore

/// Where a use case came to rest.
enum Arrival: Equatable, Sendable {
    case live, blocked, inconclusive, awaitingApproval, retired

    /// Nil while it is under way, or paused.
    init?(_ status: UseCaseStatus) {
        if status.state.stage == .retired {
            self = .retired
        } else if status.state.block != nil {
            self = status.lastGate?.verdict == .inconclusive ? .inconclusive : .blocked
        } else if status.state.stage == .production, status.state.activity == .live {
            self = .live
        } else if status.state.activity == .awaitingApproval, !status.state.isPaused {
            self = .awaitingApproval
        } else {
            return nil
        }
    }

    var exitStatus: ExitStatus {
        switch self {
        case .live: .success
        case .blocked, .retired: .failed
        case .inconclusive, .awaitingApproval: .inconclusive
        }
    }
}
