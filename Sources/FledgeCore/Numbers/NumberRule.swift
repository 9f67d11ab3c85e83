/// One number of a definition: where it stands, what it may be, and why.
package struct NumberRule: Hashable, Sendable {
    /// Its path in the document, with `[]` for a place of a list. `…` at the beginning stands for any path before it.
    package var path: String
    /// As a definition says it: `LoRA(rank:)`.
    package var words: String
    /// What a message calls it: `rank`.
    package var name: String
    package var range: NumberRange
    package var why: String
    /// The code of a problem with it.
    package var code: String
    /// What is usual, for the hint.
    package var usual: String?

    package init(
        _ path: String, _ words: String, _ name: String, _ range: NumberRange, _ why: String,
        code: String = NumberRule.outOfRange, usual: String? = nil
    ) {
        self.path = path
        self.words = words
        self.name = name
        self.range = range
        self.why = why
        self.code = code
        self.usual = usual
    }

    package init(
        _ path: String, _ words: String, _ name: String, _ range: ClosedRange<Double>, _ why: String,
        code: String = NumberRule.outOfRange, usual: String? = nil
    ) {
        self.init(path, words, name, NumberRange(range), why, code: code, usual: usual)
    }

    package static let outOfRange = "definition.number_out_of_range"

    /// - Parameter place: a path with `[]` for its numbers.
    package func covers(_ place: String) -> Bool {
        path.hasPrefix("…") ? place.hasSuffix(path.dropFirst()) : place == path
    }

    /// The rule of a number; nil where there is none.
    package static func rule(of place: String) -> NumberRule? {
        exact[place] ?? anywhere.first { $0.covers(place) }
    }

    private static let exact = Dictionary(
        all.filter { !$0.path.hasPrefix("…") }.map { ($0.path, $0) }
    ) { first, _ in first }
    private static let anywhere = all.filter { $0.path.hasPrefix("…") }

    package var hint: String { usual.map { "\(range.words); \($0)" } ?? range.words }
}
