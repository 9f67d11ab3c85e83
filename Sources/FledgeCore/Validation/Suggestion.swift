/// What somebody probably meant who wrote a name that there is not.
package enum Suggestion {
    /// The name that is nearest: the same but for case, else the fewest slips (letters left out, added, changed or swapped
    /// with their neighbour) away, of which a third of the name's letters may be wrong; else one that begins with it. Nil
    /// where no name is near.
    package static func nearest(to name: String, among names: some Sequence<String>) -> String? {
        let wanted = Array(evened(name))
        guard !wanted.isEmpty else { return nil }
        var best: (name: String, slips: Int)?
        for candidate in names where candidate != name {
            let letters = Array(evened(candidate))
            let most = max(1, max(wanted.count, letters.count) / 3)
            guard abs(letters.count - wanted.count) <= most else { continue }
            let slips = slips(wanted, letters)
            // One letter is as near to any other.
            guard slips <= most, slips < max(wanted.count, letters.count) else { continue }
            if best.map({ (slips, candidate) < ($0.slips, $0.name) }) ?? true { best = (candidate, slips) }
        }
        if let best { return best.name }
        guard wanted.count >= 3 else { return nil }
        let text = String(wanted)
        return names.filter { candidate in
            let known = evened(candidate)
            return candidate != name && (known.hasPrefix(text) || known.count >= 3 && text.hasPrefix(known))
        }
        .min { ($0.count, $0) < ($1.count, $1) }
    }

    /// `did you mean X?`, or what else is given.
    package static func hint(for name: String, among names: some Sequence<String>, else other: String?) -> String? {
        guard let nearest = nearest(to: name, among: names) else { return other }
        return "did you mean \(nearest)?" + (other.map { " \($0)" } ?? "")
    }

    private static func evened(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }
    }

    /// The distance of Damerau and Levenshtein in which no two slips overlap (optimal string alignment).
    private static func slips(_ left: [Character], _ right: [Character]) -> Int {
        var before: [Int] = []
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var next = [row + 1]
            for column in 0..<right.count {
                var least = min(
                    last[column + 1] + 1, next[column] + 1, last[column] + (left[row] == right[column] ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, before[column - 1] + 1)
                }
                next.append(least)
            }
            (before, last) = (last, next)
        }
        return last[right.count]
    }
}
