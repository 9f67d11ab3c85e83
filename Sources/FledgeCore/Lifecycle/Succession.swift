import FledgeDocument

/// What becomes of a use case's newest revision, by where its latest cycle stands.
package enum Succession: Hashable, Sendable {
    /// A cycle is opened on the revision and started. Where it supersedes the latest cycle, that one is open, and ends with
    /// `CycleEvent.superseded`.
    case open(superseding: Bool)
    /// The latest cycle has, or gathers, the evidence that the revision asks for: it is pinned to the revision, wherever it
    /// stands.
    case adopt
    /// The latest cycle was opened on the revision, and is still to be started.
    case start
    /// The revision waits until the latest cycle gives way to it.
    case wait
    /// The latest cycle is pinned to the revision already.
    case settled

    /// A use case's latest cycle, as far as it matters here.
    package struct Incumbent: Hashable, Sendable {
        package var state: CycleState
        /// The number of the revision that it is pinned to, from 1.
        package var revision: Int
        /// Whether it is not over. The latest cycle of a use case is over when it is retired, and never otherwise.
        package var isOpen: Bool

        package init(state: CycleState, revision: Int, isOpen: Bool) {
            self.state = state
            self.revision = revision
            self.isOpen = isOpen
        }

        package init(_ cycle: Cycle) {
            self.init(
                state: cycle.state, revision: cycle.revision.number, isOpen: cycle.state.stage != .retired)
        }
    }

    /// - Parameters:
    ///   - revision: the newest revision's number, from 1.
    ///   - latest: nil before the first cycle.
    ///   - hasEvidence: whether the latest cycle's evidence is the one that the revision asks for: see `hasEvidence(of:for:)`.
    package init(to revision: Int, after latest: Incumbent?, hasEvidence: Bool) {
        guard let latest else {
            self = .open(superseding: false)
            return
        }
        if latest.revision >= revision {
            self = latest.state == .new ? .start : .settled
        } else if hasEvidence {
            self = .adopt
        } else if !latest.isOpen {
            self = .open(superseding: false)
        } else {
            self = latest.state.givesWay ? .open(superseding: true) : .wait
        }
    }

    /// Whether daemons go on with it by themselves. A use case that was retired comes back only where a person applies.
    package var isUnasked: Bool { self == .start || self == .open(superseding: true) }

    /// Whether what a cycle pinned to `old` shows is the evidence that `new` asks for. What can't be read shows nothing.
    package static func hasEvidence(
        of old: UseCaseDefinition?, for new: UseCaseDefinition?, isSameData: Bool
    ) -> Bool {
        guard isSameData, let old, let new else { return false }
        return !EvidenceChange.isNeeded(from: old, to: new)
    }
}

extension CycleState {
    /// Whether a newer revision takes the cycle's place: it has nothing more to do by itself, or has not begun.
    package var givesWay: Bool { hasArrived || self == .new }

    /// Whether a cycle at its cap goes on at once when the cap becomes another one, instead of in the next period.
    package func isFreed(from old: SpendDefinition?, to new: SpendDefinition?) -> Bool {
        block?.code == Block.capReached && old != new
    }

    /// Whether a person has given up the work of the place: a training that runs for it is ended.
    package var hasGivenUpWork: Bool { block?.code == Block.cancelled || stage == .retired }
}
