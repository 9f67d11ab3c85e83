/// How daemons that share something which takes only so many at once divide its places among themselves.
package enum FairShare {
    package struct Holder: Hashable, Sendable {
        package var name: String
        /// Places that it has; those of others are never touched.
        package var places: Int
        package var wanted: Int

        package init(name: String, places: Int, wanted: Int) {
            self.name = name
            self.places = places
            self.wanted = wanted
        }
    }

    /// How many places a daemon may use from now on: together with the others' never more than the limit.
    ///
    /// Places that nobody else wants are there for the taking. As soon as somebody wants more than it has, everybody goes
    /// down to a fair share, and what is in use above it comes back call by call.
    package static func places(for name: String, wanting wanted: Int, among others: [Holder], limit: Int) -> Int {
        let free = max(0, limit - others.reduce(0) { $0 + $1.places })
        let isContended = others.contains { $0.wanted > $0.places }
        let share =
            isContended
            ? shares(others + [Holder(name: name, places: 0, wanted: wanted)], limit: limit)[name] ?? 0 : wanted
        return max(0, min(wanted, share, free))
    }

    /// The max-min fair division: nobody gets more than it wants, and nobody could get more without one that has less
    /// losing some. What does not divide goes to the first names.
    package static func shares(_ holders: [Holder], limit: Int) -> [String: Int] {
        var left = max(0, limit)
        var shares: [String: Int] = [:]
        let ordered = holders.sorted { ($0.wanted, $0.name) < ($1.wanted, $1.name) }
        for (index, holder) in ordered.enumerated() {
            let waiting = ordered.count - index
            let fair = left / waiting + (left % waiting == 0 ? 0 : 1)
            let share = min(max(0, holder.wanted), fair, left)
            shares[holder.name] = share
            left -= share
        }
        return shares
    }
}
