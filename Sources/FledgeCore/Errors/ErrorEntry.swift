/// What is known of a code, wherever it is raised.
package struct ErrorEntry: Hashable, Sendable {
    package let code: FledgeError.Code
    package let disposition: FledgeError.Disposition
    /// Unless the place that raises it says another.
    package let exitStatus: ExitStatus
    /// Further exit statuses that some places raise the code with.
    package let otherExitStatuses: [ExitStatus]
    /// What the daemon answers with.
    package let httpStatus: Int
    /// In a plain sentence.
    package let meaning: String
    /// In a plain sentence.
    package let advice: String

    init(
        _ code: FledgeError.Code, _ disposition: FledgeError.Disposition, _ exitStatus: ExitStatus,
        also otherExitStatuses: [ExitStatus] = [], http httpStatus: Int? = nil, _ meaning: String, _ advice: String
    ) {
        self.code = code
        self.disposition = disposition
        self.exitStatus = exitStatus
        self.otherExitStatuses = otherExitStatuses
        self.httpStatus = httpStatus ?? disposition.httpStatus
        self.meaning = meaning
        self.advice = advice
    }

    /// Whether it is told beside a result, and ends nothing.
    package var isWarning: Bool { exitStatus == .success }
}
