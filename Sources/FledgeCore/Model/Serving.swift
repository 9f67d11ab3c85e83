import Foundation

/// What production uses of a use case: its champion. A cycle that tries something newer changes nothing about it.
package struct Serving: Codable, Hashable, Sendable {
    /// The release's number.
    package var release: Int
    /// The candidate's name.
    package var candidate: String
    package var adapter: AdapterDigest?
    /// The definition's revision, and the cycle, that the release came from.
    package var revision: Int
    package var cycle: Int
    /// The move that made it the champion.
    package var move: ChampionMove

    package init(
        release: Int, candidate: String, adapter: AdapterDigest?, revision: Int, cycle: Int, move: ChampionMove
    ) {
        self.release = release
        self.candidate = candidate
        self.adapter = adapter
        self.revision = revision
        self.cycle = cycle
        self.move = move
    }
}
