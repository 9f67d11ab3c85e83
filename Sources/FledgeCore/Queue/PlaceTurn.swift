/// Whose turn it is for the places of something that takes only so many jobs at once.
package enum PlaceTurn {
    /// A use case that waits for one more place.
    package struct Waiter: Hashable, Sendable {
        package var name: String
        /// Places that it has already.
        package var places: Int
        /// When it began to wait, less its head start: seconds on any one clock.
        package var turn: Double

        package init(name: String, places: Int, turn: Double) {
            self.name = name
            self.places = places
            self.turn = turn
        }
    }

    /// Whether one of those that wait may take a place now.
    ///
    /// Who has fewer places goes first, and among equals who waits for longest: so nobody takes a further place while
    /// somebody has none. Free places that are enough for everybody ahead are anybody's.
    ///
    /// - Parameter free: places that nobody has.
    package static func has(_ name: String, among waiters: [Waiter], free: Int) -> Bool {
        guard let own = waiters.first(where: { $0.name == name }) else { return false }
        return waiters.count { isAhead($0, of: own) } < free
    }

    private static func isAhead(_ one: Waiter, of other: Waiter) -> Bool {
        (one.places, one.turn, one.name) < (other.places, other.turn, other.name)
    }
}
