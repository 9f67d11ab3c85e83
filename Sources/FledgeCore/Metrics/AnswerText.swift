/// How answers are evened out before they are compared.
package enum AnswerText {
    /// Without white space at both ends.
    package static func trimmed(_ text: String) -> String {
        var result = Substring(text).drop(while: \.isWhitespace)
        while result.last?.isWhitespace == true { result.removeLast() }
        return String(result)
    }

    /// Lower case, with every run of white space and punctuation as one space, none at the ends.
    package static func normalized(_ text: String) -> String { words(text).joined(separator: " ") }

    /// Whether two texts are the same once normalised; texts without a word (`+`, `>`) are compared as they stand.
    package static func agree(_ left: String, _ right: String) -> Bool {
        let words = words(left)
        return words.isEmpty && Self.words(right).isEmpty ? trimmed(left) == trimmed(right) : words == Self.words(right)
    }

    /// The words of the normalised text.
    package static func words(_ text: String) -> [String] {
        text.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
    }
}
