/// Why a model's answer is not there, or not there as a whole.
package enum AnswerShortfall: String, Codable, Hashable, Sendable, CaseIterable {
    /// The answer reached the limit of tokens before its end.
    case cutOff = "cut-off"
    /// The provider's content filter took the answer away.
    case filtered
    /// The model declined, in the field that the API has for that.
    case refused
    /// The model reasoned, and then gave no answer.
    case reasoningOnly = "reasoning-only"
    /// The answer begins with reasoning in tags, and the definition does not say what becomes of it.
    case reasoningTags = "reasoning-tags"
    /// The server sent nothing.
    case empty
    /// The answer was asked for as JSON and can't be read.
    case unreadable

    /// Whether a change of the definition helps.
    package var isMendable: Bool {
        switch self {
        case .cutOff, .reasoningOnly, .reasoningTags, .unreadable: true
        case .filtered, .refused, .empty: false
        }
    }

    /// What to do next.
    package var advice: String {
        switch self {
        case .cutOff: "raise maxTokens in Decoding"
        case .filtered: "look at the inputs that the provider's content filter takes, or ask another model"
        case .refused: "say in the prompt what the task is for, or ask another model"
        case .reasoningOnly: "raise maxTokens in Decoding, or turn the model's reasoning off at its server"
        case .reasoningTags: "declare Reasoning(.strip) in PromptPrototype"
        case .empty: "look at the server's log, or ask another model"
        case .unreadable: "raise maxTokens in Decoding, or say in the prompt which form the answer has"
        }
    }
}
