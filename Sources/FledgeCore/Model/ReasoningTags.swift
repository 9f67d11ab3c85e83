/// A model's reasoning in tags before its answer: `<think>…</think>` and the like.
package struct ReasoningTags: Hashable, Sendable {
    /// What comes after the reasoning, without blanks at its beginning.
    package let answer: String
    /// Whether the reasoning came to its end.
    package let isClosed: Bool

    private static let names = ["think", "thinking", "thought", "reasoning"]

    /// Nil for a text without such tags.
    ///
    /// Some chat templates open the tag in the prompt: then the text begins with reasoning, and has the closing tag alone.
    package init?(_ text: String) {
        if let opened = Self.names.first(where: { Self.begins(text, with: "<\($0)>") }) {
            guard let end = text.firstRange(of: "</\(opened)>") else {
                answer = ""
                isClosed = false
                return
            }
            answer = Self.trimmed(text[end.upperBound...])
        } else if let end = Self.names.lazy.compactMap({ text.firstRange(of: "</\($0)>") }).first,
            !Self.names.contains(where: { text.firstRange(of: "<\($0)>") != nil })
        {
            answer = Self.trimmed(text[end.upperBound...])
        } else {
            return nil
        }
        isClosed = true
    }

    private static func begins(_ text: String, with tag: String) -> Bool {
        text.drop { $0.isWhitespace }.hasPrefix(tag)
    }

    private static func trimmed(_ text: Substring) -> String { String(text.drop { $0.isWhitespace }) }
}
