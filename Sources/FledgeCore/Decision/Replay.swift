/// Gates and decisions of a use case, computed again from the samples in the database and compared with what was recorded.
package struct Replay: Codable, Hashable, Sendable {
    package struct Record: Codable, Hashable, Sendable {
        package enum Subject: String, Codable, Sendable, CaseIterable { case gate, decision }

        package var subject: Subject
        package var cycle: Int
        package var look: Int
        /// The decision's number.
        package var number: Int?
        /// The verdict or the answer.
        package var recorded: String
        package var computed: String
        package var differences: [JSONDifference]
        /// Why the comparison says less than it could.
        package var note: String?
        /// Whether nothing was compared, since a part of what the record rests on was erased.
        package var isErased: Bool?

        package init(
            subject: Subject, cycle: Int, look: Int, number: Int?, recorded: String, computed: String,
            differences: [JSONDifference], note: String?, isErased: Bool? = nil
        ) {
            self.subject = subject
            self.cycle = cycle
            self.look = look
            self.number = number
            self.recorded = recorded
            self.computed = computed
            self.differences = differences
            self.note = note
            self.isErased = isErased
        }

        package var outcome: Outcome { isErased == true ? .unknown : differences.isEmpty ? .same : .different }
    }

    package enum Outcome: Sendable {
        case same
        /// What it rests on is not whole: nobody can compute it again.
        case unknown
        case different
    }

    /// What was erased of a cycle's evidence.
    package struct Erased: Codable, Hashable, Sendable {
        package var cycle: Int
        package var rows: [AuditFinding]

        package init(cycle: Int, rows: [AuditFinding]) {
            self.cycle = cycle
            self.rows = rows
        }
    }

    package var useCase: String
    package var records: [Record]
    /// Of the cycles that something was erased of; nil where nothing was.
    package var erased: [Erased]?

    package init(useCase: String, records: [Record], erased: [Erased]? = nil) {
        self.useCase = useCase
        self.records = records
        self.erased = erased
    }

    /// Different where one is, and the same only where all are.
    package var outcome: Outcome {
        let outcomes = records.map(\.outcome)
        return outcomes.contains(.different) ? .different : outcomes.contains(.unknown) ? .unknown : .same
    }

    package var isEqual: Bool { outcome == .same }
}
