/// Pieces of an answer's text.
package enum AnswerText {
    /// Without white space at both ends.
    package static func trimmed(_ text: String) -> String {
        var result = Substring(text).drop(while: \.isWhitespace)
        while result.last?.isWhitespace == true { result.removeLast() }
        return String(result)
    }

    /// Lower case, with every run of white space and punctuation as one space, none at the ends.
    package static func normalized(_ text: String) -> String { words(text).joined(separator: " ") }

    /// The letters and digits of a text, in lower case, parted by everything else: to find texts again inside others, not to
    /// compare answers (`AnswerForm` does that).
    package static func words(_ text: String) -> [String] {
        text.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
    }
}
