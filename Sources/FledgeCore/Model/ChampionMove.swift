import Foundation

/// One move of the champion: who made which release serve production, in the place of which, and why.
package struct ChampionMove: Codable, Hashable, Sendable {
    /// The number of the release that served before; nil for the first.
    package var from: Int?
    package var to: Int
    package var actor: String
    package var reason: String
    package var at: Date

    package init(from: Int?, to: Int, actor: String, reason: String, at: Date) {
        self.from = from
        self.to = to
        self.actor = actor
        self.reason = reason
        self.at = at
    }

    /// Whether a person went back to a release that is older than the one that served.
    package var isRollback: Bool { from.map { $0 > to } ?? false }
}
