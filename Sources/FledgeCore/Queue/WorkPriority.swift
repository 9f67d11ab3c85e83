/// What a use case's priority is worth in the queue.
///
/// The queue is served in the order of turns: when a piece became due, less `step` for each step of priority. An old piece
/// so comes before a fresh one of any priority in the end: nothing waits more than `range.upperBound` steps longer than it
/// would among equals. Within one priority this is first come, first served; and since a cycle's next piece gets its turn
/// when the one before has ended, the use case that was served longest ago goes first.
package enum WorkPriority {
    package static let range = 0...9
    package static let step = Duration.seconds(60)

    /// How much earlier than it became due a piece has its turn; out of range is the nearest end.
    package static func headStart(_ priority: Int) -> Duration {
        step * min(max(priority, range.lowerBound), range.upperBound)
    }
}
