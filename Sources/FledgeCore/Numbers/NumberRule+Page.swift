extension NumberRule {
    /// `docs/definition-numbers.md`.
    package static var page: String {
        let rows = all.map { "| `\($0.path)` | \($0.words) | \($0.range.words) | \($0.why) | `\($0.code)` |" }
        return """
            # Numbers of a definition

            Every number of a definition has a range. `fledge check`, `fledge plan` and `fledge apply` tell all that are out \
            of theirs at once, with file and line; the daemon checks what is posted to it in the same way, and again before it \
            works on a definition that was stored by a version that knew no ranges: such a use case is blocked with the \
            number's code. What is no number, or infinite, is in no range.

            Texts have at most \(DefinitionFault.mostText) bytes (`definition.text_too_long`), no NUL character \
            (`definition.nul_character`), and of other control characters only line breaks and tabs \
            (`definition.bad_text`). A criterion adds at most \(DefinitionFault.mostCallsOfCriterion) calls to a gate \
            (`criterion.too_many_calls`).

            This table is made from the one that is checked against: `FLEDGE_RECORD=1 make test \
            TEST='--filter NumberRangeTests'` writes it anew. `…` stands for any path before it, and money is in \
            micro-dollars.

            | number | as it is written | range | why | code |
            |---|---|---|---|---|
            \(rows.joined(separator: "\n"))

            """
    }
}
