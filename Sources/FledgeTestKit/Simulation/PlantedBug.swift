/// A mistake that can be put into the simulation, to show that it would be found.
package enum PlantedBug: String, Sendable, CaseIterable {
    /// A transition is recorded for work that another worker has by now.
    case fenceIgnoredByRecord = "fence-ignored-by-record"
    case fenceIgnoredByFinish = "fence-ignored-by-finish"
    case fenceIgnoredByRelease = "fence-ignored-by-release"
    /// A claim takes work whose lease still holds.
    case leaseIgnoredByClaim = "lease-ignored-by-claim"
    /// A lease that has run out is never taken over.
    case expiredForgotten = "expired-forgotten"
    /// Two pieces of one cycle's work are leased at once.
    case cycleLeasedTwice = "cycle-leased-twice"
    case pauseIgnoredByClaim = "pause-ignored-by-claim"
    /// A transition is recorded on another state than the one that it was worked out from.
    case versionIgnored = "version-ignored"
    /// A transition is recorded without the work that it asks for.
    case actionDropped = "action-dropped"
    /// The transition and the end of its work are two transactions, and the second is lost at times.
    case workNotEnded = "work-not-ended"
    /// A cancellation leaves the leased work to its worker.
    case cancelKeepsLease = "cancel-keeps-lease"
    /// A retry leaves dead work dead and asks for nothing new.
    case retryAsksNothing = "retry-asks-nothing"
    /// A cycle is opened although another daemon has just opened one on the same revision.
    case cycleOpenedTwice = "cycle-opened-twice"
    /// Nobody starts a cycle whose daemon was killed between opening and starting it.
    case startForgotten = "start-forgotten"
    /// A definition that is applied again, since the first time was cut off, is taken for one that has changed nothing.
    case repeatedApplyIgnored = "repeated-apply-ignored"
    /// A revision that asks for no new evidence waits for a cycle of its own, and takes the place of what is live.
    case everyEditWaits = "every-edit-waits"
    /// A cycle that gives way to a newer revision ends without a word in the history.
    case supersededInSilence = "superseded-in-silence"
    /// A cycle that gives way to a newer revision leaves its work as it was: open, or dead.
    case supersededKeepsWork = "superseded-keeps-work"
    /// A notification that fails blocks the cycle, whose work goes on.
    case notificationBlocks = "notification-blocks"
    /// A submission under a name of its own for each try.
    case intentRenamed = "intent-renamed"
    /// A worker looks for work only when it is told to.
    case hintTrusted = "hint-trusted"
    /// Work whose workers keep dying is tried for ever.
    case attemptsUnbounded = "attempts-unbounded"
    /// A transition whose answer was lost is told again without the fence.
    case retryUnfenced = "retry-unfenced"
    /// A worker goes on with what the database says it has lost.
    case lostLeaseGoesOn = "lost-lease-goes-on"
    /// Renewals come through more slowly than the lease runs out.
    case heartbeatSlow = "heartbeat-slow"
    /// Work that could not be given back is taken for done.
    case failedReleaseDrops = "failed-release-drops"
    /// A daemon that ends, or has lost its work, leaves it leased.
    case stoppedForgotten = "stopped-forgotten"
    /// A listener whose connection broke never listens again, and nobody looks without being told.
    case listenerGone = "listener-gone"
    /// One daemon alone looks at what is due, and when it is gone nobody does.
    case leaderFiresAlone = "leader-fires-alone"
    /// What is due is worked out anew when a daemon starts, and what was due before is forgotten.
    case slotForgotten = "slot-forgotten"
    /// A gate that shows nothing is taken for one that was passed.
    case inconclusivePasses = "inconclusive-passes"
    /// An attempt that got on before it failed counts like one that did not.
    case progressForgotten = "progress-forgotten"
    /// Two daemons that see a slot at once both fire it.
    case slotFiredTwice = "slot-fired-twice"

    /// Whether stories without a script come to it: the others have one of `PublishedFailure`.
    package var showsUnscripted: Bool {
        switch self {
        case .slotFiredTwice, .slotForgotten, .inconclusivePasses, .progressForgotten, .heartbeatSlow: false
        default: true
        }
    }
}
