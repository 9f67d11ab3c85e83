/// What a person can ask of a use case's current cycle.
package enum CycleCommand: Codable, Hashable, Sendable {
    case approve
    case reject(reason: String)
    case pause
    case resume
    case retry
    case cancel
    case retire

    /// - Throws: `reason.empty`.
    package func event() throws(FledgeError) -> CycleEvent {
        switch self {
        case .approve: .approvalGiven
        case .reject(let reason): .approvalRefused(reason: try StatedReason.checked(reason))
        case .pause: .paused
        case .resume: .resumed
        case .retry: .retried
        case .cancel: .cancelled
        case .retire: .retired
        }
    }
}
