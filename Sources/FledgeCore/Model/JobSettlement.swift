/// What a person says of a training job that nobody can look up.
package enum JobSettlement: Codable, Hashable, Sendable {
    /// It never reached the executor: it may be submitted.
    case notSubmitted
    /// The executor has it under this id: it is followed.
    case running(externalID: String)
    /// Whatever became of it, nothing of it will be used.
    case failed

    package var name: String {
        switch self {
        case .notSubmitted: "not-submitted"
        case .running: "running"
        case .failed: "failed"
        }
    }
}
