import Synchronization

/// A place in the code where a rehearsal of crashes can end this process, or hold it up.
///
/// Nothing happens there in `fledged`, whatever its environment: only the daemon of rehearsals (`FledgeRehearsal`) says what
/// is to happen.
package enum CrashPoint: String, CaseIterable, Sendable {
    case beforeClaim = "before-claim"
    /// Claimed, and nothing of it begun.
    case claimed
    case answersUnwritten = "answers-unwritten"
    case answersWritten = "answers-written"
    /// Everything of a transition is sent but its COMMIT.
    case beforeCommit = "before-commit"
    case committed
    case beforeSubmission = "before-submission"
    /// The provider has the job, and the database does not know.
    case jobAccepted = "job-accepted"
    /// The report's files are there, and the database does not know.
    case reportUnstored = "report-unstored"
    /// A definition is stored, and no cycle is opened.
    case definitionStored = "definition-stored"
    case cycleOpened = "cycle-opened"

    private static let rehearsal = Mutex<(@Sendable (CrashPoint) -> Void)?>(nil)

    /// - Parameter arrival: called on the thread that arrives at a point, from then on.
    package static func rehearse(_ arrival: @escaping @Sendable (CrashPoint) -> Void) {
        rehearsal.withLock { $0 = arrival }
    }

    package func reached() { Self.rehearsal.withLock { $0 }?(self) }
}
