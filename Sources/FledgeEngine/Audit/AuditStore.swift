import FledgeCore

/// What the database says of a use case's chain of evidence.
package struct AuditReading: Sendable {
    /// How many rows of one kind are in one state, with the names of those that are not as they should be.
    package struct Tally: Sendable {
        package var kind: String
        package var state: AuditRowState
        package var count: Int
        package var rows: [String]

        package init(kind: String, state: AuditRowState, count: Int, rows: [String]) {
            self.kind = kind
            self.state = state
            self.count = count
            self.rows = rows
        }
    }

    /// Two things that have to agree and do not.
    package enum Link: String, Sendable {
        /// An entry's leaves are not those that its digest is over.
        case leaves
        /// Leaves whose entry is gone.
        case orphan
        /// The recorded end of the chain is not its last entry.
        case head
        /// The release that serves is not the one that the last move made champion.
        case champion
        /// A cycle does not stand where its history ends.
        case cycle
        /// Samples or trainings were chained anew after what was judged or decided on them.
        case rewritten
        /// What is said to be paid for a candidate's samples is not what the samples cost.
        case totals
        /// The use case has another name than its definition.
        case name
        /// A transition of a cycle that is not the use case's.
        case transition
        /// A transition that was there when an entry was chained is not there any more.
        case history
    }

    /// Where a cycle stands, as its row says.
    package struct Standing: Sendable {
        /// The cycle's number.
        package var cycle: Int
        /// JSON of a `CycleState`.
        package var state: String
        /// The history's last entry of the cycle at that moment; 0 before the first.
        package var sequence: Int

        package init(cycle: Int, state: String, sequence: Int) {
            self.cycle = cycle
            self.state = state
            self.sequence = sequence
        }
    }

    /// What a gate or a decision says of its cycle's history.
    package struct Figure: Sendable {
        /// The cycle's number.
        package var cycle: Int
        package var look: Int
        /// The candidate that a gate evaluated; nil for a decision.
        package var candidate: CandidateID?
        /// How many trainings there had been before a decision; nil for a gate.
        package var trainings: Int?

        package init(cycle: Int, look: Int, candidate: CandidateID?, trainings: Int?) {
            self.cycle = cycle
            self.look = look
            self.candidate = candidate
            self.trainings = trainings
        }
    }

    /// The chain's entries, oldest first.
    package var chain: [AuditEntry]
    package var tallies: [Tally]
    package var links: [(link: Link, subject: String)]
    package var standings: [Standing]
    package var figures: [Figure]
    /// How many samples belong to experiments under way, on which nothing rests yet.
    package var open: Int

    package init(
        chain: [AuditEntry], tallies: [Tally], links: [(link: Link, subject: String)], standings: [Standing],
        figures: [Figure], open: Int
    ) {
        self.chain = chain
        self.tallies = tallies
        self.links = links
        self.standings = standings
        self.figures = figures
        self.open = open
    }
}

/// Use cases whose chain or history has grown.
package struct AuditGrowth: Sendable {
    package struct Grown: Sendable {
        package var useCase: UseCaseID
        package var name: String
        package var head: AuditHead

        package init(useCase: UseCaseID, name: String, head: AuditHead) {
            self.useCase = useCase
            self.name = name
            self.head = head
        }
    }

    /// How far the tables have been looked through.
    package struct Place: Codable, Hashable, Sendable {
        package var entry: Int64
        package var transition: Int64

        package init(entry: Int64 = 0, transition: Int64 = 0) {
            self.entry = entry
            self.transition = transition
        }
    }

    package var grown: [Grown]
    package var next: Place

    package init(grown: [Grown], next: Place) {
        self.grown = grown
        self.next = next
    }
}

/// The chain of evidence. The database writes it with the rows; here it is read.
package protocol AuditStore: Store {
    func auditHead(of useCase: UseCaseID) async throws -> AuditHead
    /// Compares every row with what was chained of it.
    ///
    /// - Parameter cycle: whose experiments are compared; nil for those of all cycles.
    func audit(_ useCase: UseCaseID, cycle: CycleID?) async throws -> AuditReading
    /// The entries of a use case behind a sequence number, oldest first.
    func auditEntries(of useCase: UseCaseID, after sequence: Int) async throws -> [AuditEntry]
    /// Hashes of one entry and of one transition; nil for one that is not there.
    func auditHashes(of useCase: UseCaseID, entry: Int, transition: Int) async throws -> (String?, String?)
    /// What has grown since a place.
    func auditGrowth(since place: AuditGrowth.Place) async throws -> AuditGrowth
    /// The names of all use cases, sorted.
    func useCaseNames() async throws -> [String]
    /// Champions that have an adapter, by the use cases' names.
    func championAdapters() async throws -> [(useCase: String, release: Int, adapter: AdapterDigest)]
}
