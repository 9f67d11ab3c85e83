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
    /// A notification that fails blocks the cycle, whose work goes on.
    case notificationBlocks = "notification-blocks"
    /// A submission under a name of its own for each try.
    case intentRenamed = "intent-renamed"
    /// A worker looks for work only when it is told to.
    case hintTrusted = "hint-trusted"
    /// Work whose workers keep dying is tried for ever.
    case attemptsUnbounded = "attempts-unbounded"
}
