/// Deals examples into folds so that no group is in two of them.
package enum GroupedFolds {
    /// - Parameters:
    ///   - groups: each example's group.
    ///   - count: at most so many folds; fewer when there are fewer groups.
    /// - Returns: the examples' places in `groups`, rising, by fold. The largest groups are dealt first, each to the fold
    ///   with the fewest examples so far (Graham 1969, "Bounds on Multiprocessing Timing Anomalies": no fold is larger than
    ///   4/3 of what is possible); the seed decides among groups of one size.
    package static func deal(_ groups: [String], into count: Int, seed: UInt64) -> [[Int]] {
        var members: [String: [Int]] = [:]
        for (place, group) in groups.enumerated() { members[group, default: []].append(place) }
        let order = members.map { (group: $0.key, places: $0.value, draw: StableHash.hash($0.key, seed: seed)) }
            .sorted { left, right in
                if left.places.count != right.places.count { return left.places.count > right.places.count }
                return (left.draw, left.group) < (right.draw, right.group)
            }
        var folds = [[Int]](repeating: [], count: min(max(1, count), max(1, members.count)))
        for group in order {
            guard let smallest = folds.indices.min(by: { (folds[$0].count, $0) < (folds[$1].count, $1) }) else {
                continue
            }
            folds[smallest] += group.places
        }
        return folds.map { $0.sorted() }
    }
}
