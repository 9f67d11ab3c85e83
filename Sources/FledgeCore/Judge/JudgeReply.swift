import FledgeDocument
import Foundation

/// What a judge replied to one question.
package struct JudgeReply: Codable, Hashable, Sendable {
    package enum Verdict: String, Codable, Hashable, Sendable { case pass, fail, first, second, tie }

    package var verdict: Verdict
    package var reason: String

    /// Reads a reply that is one JSON object with exactly the fields asked for; anything else, also an object with text
    /// around it, is no reply.
    package init?(_ text: String, judge: JudgeDefinition) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)),
            case .object(let members) = value, Set(members.keys) == ["reason", "verdict"],
            case .text(let reason)? = members["reason"], case .text(let word)? = members["verdict"],
            let verdict = Verdict(rawValue: word), judge.allowed.contains(verdict)
        else { return nil }
        self.verdict = verdict
        self.reason = reason
    }

    /// Whether the reply is in the answer's favour: it passes, or is at least as good as the reference.
    package func favours(in order: JudgePrompt.Order) -> Bool {
        switch (verdict, order) {
        case (.pass, _), (.tie, _), (.first, .answerFirst), (.second, .referenceFirst): true
        case (.fail, _), (.first, .referenceFirst), (.second, .answerFirst): false
        }
    }
}

extension JudgeDefinition {
    fileprivate var allowed: Set<JudgeReply.Verdict> { reference == nil ? [.pass, .fail] : [.first, .second, .tie] }
}
