import FledgeDocument

/// What a judge replied to one question.
package struct JudgeReply: Codable, Hashable, Sendable {
    package enum Verdict: String, Codable, Hashable, Sendable { case pass, fail, first, second, tie }

    package var verdict: Verdict
    package var reason: String

    /// Raised with every change of how replies are read: what was read in another way is read again, from the response cache.
    package static let readingVersion = 2

    /// Reads a reply that holds one JSON object, whole, in a fence or with text around it, with a verdict among those asked
    /// for. Keys and verdict may be in any case; other members are passed over, and the reason may be missing. Anything else
    /// is no reply.
    package init?(_ text: String, judge: JudgeDefinition) {
        guard case .success(let reply) = Self.read(text, judge: judge) else { return nil }
        self = reply
    }

    private init(verdict: Verdict, reason: String) {
        self.verdict = verdict
        self.reason = reason
    }

    /// Why a reply says nothing.
    package enum Problem: String, Error, Hashable, Sendable, CaseIterable {
        case empty, noObject, unclearObject, noVerdict, otherVerdict
        /// The question could not be asked.
        case refused

        /// Behind "the replies".
        package var words: String {
            switch self {
            case .empty: "are empty"
            case .noObject: "hold no JSON object"
            case .unclearObject: "hold JSON that is cut off, or more than one object"
            case .noVerdict: "have no member \"verdict\""
            case .otherVerdict: "give another verdict than those asked for"
            case .refused: "did not come: the server refused the questions"
            }
        }
    }

    package static func read(_ text: String, judge: JudgeDefinition) -> Result<JudgeReply, Problem> {
        guard let object = WrappedReply.object(in: text) else {
            if AnswerText.trimmed(text).isEmpty { return .failure(.empty) }
            return .failure(text.contains("{") ? .unclearObject : .noObject)
        }
        guard let word = Self.text("verdict", in: object) else { return .failure(.noVerdict) }
        guard let verdict = Verdict(rawValue: AnswerForm.caseless.of(word)), judge.allowed.contains(verdict) else {
            return .failure(.otherVerdict)
        }
        return .success(JudgeReply(verdict: verdict, reason: Self.text("reason", in: object) ?? ""))
    }

    /// The text of the one member of that name, in any case.
    private static func text(_ name: String, in object: JSONTextObject) -> String? {
        let members = object.members.filter { $0.key.lowercased() == name }
        guard members.count == 1, let (key, value) = members.first, !object.ambiguous.contains(key),
            case .text(let text) = value
        else { return nil }
        return text
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
