/// A reply whose answer stands inside something: a fence, a JSON object, text around one. It is taken out where there is one
/// way to do it.
package enum WrappedReply {
    /// The text inside a fence of three backticks around the whole reply, without the language that may stand behind the
    /// first ones; the reply without white space around it where there is no such fence.
    package static func withoutFence(_ reply: String) -> String {
        let text = AnswerText.trimmed(reply)
        guard text.utf8.count >= 6, text.hasPrefix("```"), text.hasSuffix("```") else { return text }
        let inner = text.dropFirst(3).dropLast(3)
        guard !inner.contains("```") else { return text }
        let firstLine = inner.prefix { !$0.isNewline }
        let hasLanguage =
            firstLine.count < inner.count
            && firstLine.allSatisfy { $0.isLetter || $0.isNumber || $0 == "+" || $0 == "-" || $0 == " " }
        return AnswerText.trimmed(String(hasLanguage ? inner.dropFirst(firstLine.count) : inner))
    }

    /// The JSON value that a reply is, alone or in a fence; nil for one that isn't well-formed JSON, as one that was cut off.
    package static func json(_ reply: String) -> JSONText? { JSONText(reply) ?? JSONText(withoutFence(reply)) }

    /// The only JSON object in a reply, with whatever text around it; nil where there is none, or several, or braces that
    /// belong to none.
    package static func object(in reply: String) -> JSONTextObject? {
        switch json(reply) {
        case .object(let object)?: return object
        case .some: return nil
        case nil: break
        }
        let found = JSONObjects(in: reply)
        return found.objects.count == 1 && !found.hasLooseBraces ? found.objects[0] : nil
    }

    /// The answer of a server that was asked for `{"answer": …}`, and whether it could be read.
    ///
    /// A reply that is one of the choices, or a text without braces, is the answer itself. An object gives its `answer`, in
    /// any case, or its only member where that is one of the choices; a number or a truth value is the choice that is
    /// written so.
    ///
    /// - Returns: the reply as it came where it cannot be read: it holds several objects, or one that was cut off or has no
    ///   answer.
    package static func choice(in reply: String, choices: [String]) -> (answer: String, isReadable: Bool) {
        if choices.contains(AnswerText.trimmed(reply)) { return (AnswerText.trimmed(reply), true) }
        guard reply.contains(where: { $0 == "{" || $0 == "}" }) else {
            if case .text(let text)? = json(reply), choices.contains(text) { return (text, true) }
            return (withoutFence(reply), true)
        }
        guard let object = object(in: reply), let answer = answer(of: object, choices: choices) else {
            // A label may have braces of its own.
            return (reply, choices.contains { $0.contains("{") || $0.contains("}") })
        }
        return (answer, true)
    }

    private static func answer(of object: JSONTextObject, choices: [String]) -> String? {
        let named = object.members.filter { $0.key.lowercased() == "answer" }
        if named.count == 1, let (key, value) = named.first {
            return object.ambiguous.contains(key) ? nil : value.plainText
        }
        guard named.isEmpty, object.members.count == 1, object.ambiguous.isEmpty,
            let only = object.members.values.first?.plainText, choices.contains(only)
        else { return nil }
        return only
    }
}

extension JSONText {
    /// A text, or a number or truth value as it is written; nil for anything else.
    package var plainText: String? {
        switch self {
        case .text(let text): text
        case .number(let number): number
        case .bool(let flag): flag ? "true" : "false"
        case .object, .array, .null: nil
        }
    }
}
