/// How far free texts agree: word by word, up to the first difference of each.
///
/// Two programs that compute the same model with other roundings part at some word, and from there on write another text. So
/// whole texts are not compared, nor what comes after the first difference: every word before it is one that agreed, and the
/// one at which they part is one that did not.
package struct TextAgreement: Codable, Hashable, Sendable {
    /// The words that were compared: all up to the first difference, with it.
    package var words: Int
    package var agreeing: Int

    package init(words: Int, agreeing: Int) {
        self.words = words
        self.agreeing = agreeing
    }

    /// - Parameter pairs: a text, and the one that was to be like it.
    package init(_ pairs: [(String, String)]) {
        self.init(words: 0, agreeing: 0)
        for (text, other) in pairs {
            let (these, those) = (Self.words(of: text), Self.words(of: other))
            let common = zip(these, those).prefix { $0 == $1 }.count
            // A text that ends where the other goes on differs there; two that end together agree on it.
            let isSame = common == these.count && common == those.count
            words += common + 1
            agreeing += common + (isSame ? 1 : 0)
        }
    }

    /// 1 where there is nothing to compare.
    package var share: Double { words > 0 ? Double(agreeing) / Double(words) : 1 }

    /// What white space parts; of scripts that put none between words, each sign.
    static func words(of text: String) -> [Substring] {
        text.split(whereSeparator: \.isWhitespace).flatMap { word -> [Substring] in
            guard word.unicodeScalars.contains(where: \.properties.isIdeographic) else { return [word] }
            return word.indices.map { word[$0...$0] }
        }
    }
}
