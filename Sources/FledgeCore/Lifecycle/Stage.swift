/// Where a use case stands.
package enum Stage: String, Codable, Sendable, CaseIterable {
    case promptPrototype = "prompt-prototype"
    case validation
    case fineTune = "fine-tune"
    case production
    case retired
}

/// What a cycle waits for within its stage.
package enum Activity: String, Codable, Sendable, CaseIterable {
    case experimenting, judging, deciding
    case awaitingApproval = "awaiting-approval"
    case releasing, training, live, none
}
