/// What a training job is at, as far as people are told.
package enum TrainingPhase: String, Codable, Sendable, CaseIterable {
    /// All places of the executor are taken.
    case waiting
    /// Packages, weights and rows are made ready.
    case preparing
    case training
    /// The adapter is written as the server reads it.
    case converting
    /// The trainer answers the golden prompts.
    case answering
    /// The served answers are compared with the trainer's.
    case comparing

    /// As it is shown.
    package var words: String {
        switch self {
        case .waiting: "waiting for a place"
        case .preparing: "preparing"
        case .training: "training"
        case .converting: "converting"
        case .answering, .comparing: "golden check"
        }
    }
}
