/// What a criterion's samples come to: a value with its bounds.
package struct Estimate {
    var value: Double
    var bounds: Bounds
    var count: Int
    var problem: String?
    /// What goes along with a verdict: values that had to be bounded.
    var note: String?
    /// Why nothing can be said, though there are samples.
    var unknown: String?

    /// Says of how many answers it is not known whether a pattern is found in them.
    mutating func explain(givenUp: Int, of count: Int, _ title: String) {
        let words =
            "the \(title) took too long over \(givenUp) of \(count) answers and was given up: it is neither found "
            + "there nor not [pattern.given_up]"
        problem = problem.map { "\($0); \(words)" } ?? words
        note = note.map { "\($0); \(words)" } ?? words
        if self.count == 0 { unknown = words }
    }
}
