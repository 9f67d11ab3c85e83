import FledgeCore

/// How much there is, or was, of one subject that is past its age.
package struct PruneFigure: Codable, Hashable, Sendable {
    package var subject: RetentionPolicy.Subject
    package var table: String
    /// Rows; in the state folder, files.
    package var rows: Int
    /// Bytes of the rows without their indexes, or of the files.
    package var bytes: Int64

    package init(subject: RetentionPolicy.Subject, table: String, rows: Int = 0, bytes: Int64 = 0) {
        self.subject = subject
        self.table = table
        self.rows = rows
        self.bytes = bytes
    }
}

/// One small step of a walk through a table.
package struct PruneStep: Sendable, Hashable {
    package var rows: Int
    package var bytes: Int64
    /// Where the next step begins; nil at the end.
    package var next: Int64?

    package init(rows: Int, bytes: Int64, next: Int64?) {
        self.rows = rows
        self.bytes = bytes
        self.next = next
    }
}

/// Takes away what is not kept any longer. Time is the database's.
package protocol HousekeepingStore: Store {
    /// How much there is older than the age; changes nothing.
    func prunable(_ subject: RetentionPolicy.Subject, olderThan age: Duration) async throws -> PruneFigure
    /// Takes away one batch, in a transaction of its own. - Parameter place: 0, then what the last step said.
    func prune(_ subject: RetentionPolicy.Subject, olderThan age: Duration, from place: Int64) async throws -> PruneStep
    /// The right to keep house: one daemon's at a time, and again only when the interval has passed since it was done.
    func takeHousekeeping(worker: String, every interval: Duration, lease: Duration) async throws -> Bool
    /// - Returns: false when another daemon has taken over.
    func renewHousekeeping(worker: String, lease: Duration) async throws -> Bool
    func finishHousekeeping(worker: String) async throws
}

extension HousekeepingStore {
    /// Walks through one subject, a batch at a time.
    ///
    /// - Parameter each: what was taken away so far, after each batch; false ends the walk.
    @discardableResult
    package func prune(
        _ subject: RetentionPolicy.Subject, olderThan age: Duration,
        each: (PruneFigure) async throws -> Bool = { _ in true }
    ) async throws -> PruneFigure {
        var figure = PruneFigure(subject: subject, table: subject.table)
        var place: Int64? = 0
        while let from = place {
            let step = try await prune(subject, olderThan: age, from: from)
            figure.rows += step.rows
            figure.bytes += step.bytes
            place = step.next
            guard try await each(figure) else { break }
        }
        return figure
    }
}

extension RetentionPolicy.Subject {
    package var table: String {
        switch self {
        case .samples: "sample"
        case .trainingLogs: "training_log"
        case .responses: "response_cache"
        case .work: "work_item"
        case .daemons: "daemon"
        case .spend: "spend_account, spend_reservation"
        case .jobs: "files of jobs"
        case .artifacts: "files of adapters"
        case .reports: "files of reports"
        }
    }
}
