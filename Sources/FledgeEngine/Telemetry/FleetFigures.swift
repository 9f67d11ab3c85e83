import FledgeCore
import OpenMetrics

/// What only the database knows: the state of all daemons' work together.
package struct FleetFigures: Sendable, Hashable {
    package struct Queue: Sendable, Hashable {
        /// The kind of work, which may be one that this build does not know.
        package var kind: String
        /// `due`, `waiting` for its time, `leased`, or `dead`: waiting for a person.
        package var state: String
        package var count: Int

        package init(kind: String, state: String, count: Int) {
            self.kind = kind
            self.state = state
            self.count = count
        }
    }

    package var queue: [Queue] = []
    /// Seconds; 0 when nothing is due.
    package var oldestDue: Double = 0
    package var expiredLeases = 0
    /// Training jobs that are not at their end, by state.
    package var trainingJobs: [String: Int] = [:]
    /// Steps done of the running jobs' steps in all.
    package var trainingProgress: Double?
    package var trainingETA: Double?
    /// Seconds since the oldest slot that is due and not fired; 0 when none is.
    package var scheduleOverdue: Double = 0
    package var daemons = 0
    /// The planner's estimate of the number of rows, since counting a million rows would cost more than the figure is
    /// worth.
    package var useCases: Double = 0

    package init() {}

    /// The most rows that are looked at for one figure: beyond it, a figure says "at least".
    package static let countedRows = 10_000

    var families: [MetricFamily] {
        [
            .gauge(
                "fledge_queue_depth",
                "Open work of all daemons, by kind and state: due, waiting for its time, leased, or dead. Of each of "
                    + "queued, leased and dead, the first \(Self.countedRows) in order are counted.",
                queue.map { .init(Double($0.count), [.init("kind", $0.kind), .init("state", $0.state)]) }),
            .gauge(
                "fledge_queue_oldest_due_seconds", unit: "seconds", "How long the oldest due piece of work has waited.",
                [.init(oldestDue)]),
            .gauge(
                "fledge_queue_expired_leases", "Leases past their time that nobody has taken over yet.",
                [.init(Double(expiredLeases))]),
            .gauge(
                "fledge_training_jobs", "Training jobs that are not at their end, by state; unknown asks for a person.",
                ["intended", "submitted", "running", "unknown"]
                    .map { .init(Double(trainingJobs[$0] ?? 0), [.init("state", $0)]) }),
            .gauge(
                "fledge_training_progress_ratio", unit: "ratio", "Steps done of the running jobs' steps in all.",
                trainingProgress.map { [.init($0)] } ?? []),
            .gauge(
                "fledge_training_eta_seconds", unit: "seconds", "When the last of the running jobs expects to be done.",
                trainingETA.map { [.init($0)] } ?? []),
            .gauge(
                "fledge_schedule_overdue_seconds", unit: "seconds",
                "How long ago the oldest slot was due that is not fired.", [.init(scheduleOverdue)]),
            .gauge("fledge_daemons", "Daemons that gave a sign of life in the last minute.", [.init(Double(daemons))]),
            .gauge("fledge_use_cases", "Use cases, as the database estimates their number.", [.init(useCases)]),
        ]
    }
}

/// Reads the figures; each costs the same with a thousand use cases and with a million.
package protocol FleetStore: Store {
    func fleetFigures() async throws -> FleetFigures
}
