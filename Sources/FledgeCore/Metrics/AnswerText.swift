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

    /// The words of the normalised text.
    package static func words(_ text: String) -> [String] {
        text.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
    }
}
