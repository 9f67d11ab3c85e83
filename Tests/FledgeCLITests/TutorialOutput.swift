/// What a page says that a command prints, held against what it printed.
enum TutorialOutput {
    /// The first line of the page's that was not printed in its place; nil where all were, and nothing besides.
    ///
    /// Times, durations, numbers with a decimal point, digests, and the numbers of processes may differ, and so may the widths
    /// of columns. `…` stands for anything on its line, and on a line of its own for any lines, or none.
    static func difference(expected: String, printed: String) -> String? {
        let expected = lines(of: expected)
        let printed = lines(of: printed)
        var place = 0
        var mayPass = false
        for line in expected {
            if line == "…" {
                mayPass = true
                continue
            }
            let rest = printed[place...]
            guard let found = mayPass ? rest.firstIndex(where: { matches($0, line) }) : rest.indices.first,
                matches(printed[found], line)
            else { return line }
            place = found + 1
            mayPass = false
        }
        return mayPass || place == printed.count ? nil : "the end, where \"\(printed[place])\" was printed"
    }

    private static func lines(of text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { normal(String($0)) }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// The line with a sign in the place of each part that may differ.
    private static func normal(_ line: String) -> String {
        let time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|\d{8}T\d{6}Z/
        let duration = /\b\d+(\.\d+)? (ms|s|min|h)\b( \d+ (s|min)\b)?/
        let decimal = /[+-]?\b\d+\.\d+\b/
        let digest = /\b[0-9a-f]{12,}\b/
        return line.replacing(time, with: "TIME").replacing(duration, with: "DURATION")
            .replacing(decimal, with: "DECIMAL").replacing(digest, with: "DIGEST")
            .replacing(/\bprocess \d+/, with: "process NUMBER").replacing(#/ {2,}/#, with: " ")
            .replacing(#/ +$/#, with: "")
    }

    private static func matches(_ printed: String, _ expected: String) -> Bool {
        let parts = expected.split(separator: "…", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return printed == expected }
        guard printed.hasPrefix(first) else { return false }
        var rest = printed.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}
