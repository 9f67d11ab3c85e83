import CoreMetrics
import FledgeCore
import OpenMetrics

/// What this process counts and times, through swift-metrics.
///
/// Labels have few values, whatever the number of use cases: kinds, events, outcomes, servers and executors; never the name
/// of a use case, never text.
package enum EngineMetrics {
    /// Every family, for the registry to know beforehand.
    package static let descriptions: [MetricDescription] = [
        MetricDescription("fledge_transitions", .counter, "Transitions recorded, by the event that led to them."),
        MetricDescription("fledge_work_claimed", .counter, "Pieces of work claimed, by kind."),
        MetricDescription(
            "fledge_work_finished", .counter,
            "Pieces of work that came to an end here, by kind and outcome: finished, failed, stopped with the daemon, or "
                + "lost, with its lease, to another daemon, a pause or a cancellation."),
        MetricDescription(
            "fledge_work_duration_seconds", MetricDescription.durations, unit: "seconds",
            "How long a piece of work took, by kind."),
        MetricDescription(
            "fledge_worker_looks", .counter, "Looks at the queue, by outcome: ok, or failed for want of a database."),
        MetricDescription(
            "fledge_model_calls", .counter, "Calls of model servers, by server and outcome: ok or the error's code."),
        MetricDescription(
            "fledge_model_call_duration_seconds", MetricDescription.durations, unit: "seconds",
            "A call as its caller saw it, with waiting for a place and with retries."),
        MetricDescription(
            "fledge_model_latency_seconds", MetricDescription.durations, unit: "seconds",
            "A call as the server made it last, from the first byte sent to the last received."),
        MetricDescription(
            "fledge_model_tokens", .counter,
            "Tokens as servers counted them: prompt (cached among them), cached, completion."),
        MetricDescription(
            "fledge_model_cost_dollars", .counter, unit: "dollars", "What calls cost at the definitions' prices.",
            scale: 1e-6),
        MetricDescription(
            "fledge_training_updates", .counter, "Looks at training jobs that brought news, by executor."),
        MetricDescription(
            "fledge_training_tokens_per_second", .gauge, "The rate that a training job told last, by executor."),
        MetricDescription("fledge_schedule_slots", .counter, "Slots of report schedules fired by this daemon."),
        MetricDescription(
            "fledge_schedule_lag_seconds", MetricDescription.durations, unit: "seconds",
            "How long after its time a slot was fired."),
        MetricDescription(
            "fledge_pruned_rows", .counter, "Rows taken away because they are not kept longer, by table."),
        MetricDescription("fledge_housekeeping_rounds", .counter, "Rounds of housekeeping, by outcome: ok or failed."),
        MetricDescription("fledge_scheduler_looks", .counter, "Looks at the schedules, by outcome: ok or failed."),
    ]

    // MARK: Engine

    static func transition(_ event: CycleEvent.Kind) {
        count("fledge_transitions", [("event", event.rawValue)])
    }

    static func workClaimed(_ items: [WorkItem]) {
        for item in items { count("fledge_work_claimed", [("kind", item.kind.rawValue)]) }
    }

    static func workEnded(_ kind: CycleAction.Kind, outcome: String, after duration: Duration) {
        count("fledge_work_finished", [("kind", kind.rawValue), ("outcome", outcome)])
        time("fledge_work_duration_seconds", [("kind", kind.rawValue)], duration)
    }

    static func workerLooked(isOK: Bool) { count("fledge_worker_looks", [("outcome", isOK ? "ok" : "failed")]) }

    static func schedulerLooked(isOK: Bool) { count("fledge_scheduler_looks", [("outcome", isOK ? "ok" : "failed")]) }

    static func keptHouse(isOK: Bool) { count("fledge_housekeeping_rounds", [("outcome", isOK ? "ok" : "failed")]) }

    static func pruned(_ figure: PruneFigure) {
        count("fledge_pruned_rows", [("table", figure.table)], by: Int64(figure.rows))
    }

    /// - Parameter lag: seconds.
    static func slotFired(lag: Double) {
        count("fledge_schedule_slots")
        time("fledge_schedule_lag_seconds", [], .microseconds(Int64(saturating: max(0, lag) * 1e6)))
    }

    static func trainingTold(_ update: TrainingUpdate, executor: String) {
        count("fledge_training_updates", [("executor", executor)])
        if let rate = update.points.last?.tokensPerSecond {
            Meter(label: "fledge_training_tokens_per_second", dimensions: [("executor", executor)]).set(rate)
        }
    }

    // MARK: Calls

    static func called(_ server: String, outcome: String, after duration: Duration) {
        count("fledge_model_calls", [("server", server), ("outcome", outcome)])
        time("fledge_model_call_duration_seconds", [("server", server)], duration)
    }

    static func answered(_ server: String, _ completion: Completion, costMicroDollars: Int64) {
        time("fledge_model_latency_seconds", [("server", server)], .microseconds(completion.latencyMicroseconds))
        for (direction, tokens) in [
            ("prompt", completion.promptTokens ?? 0), ("cached", completion.cachedTokens),
            ("completion", completion.completionTokens ?? 0),
        ] where tokens > 0 {
            count("fledge_model_tokens", [("server", server), ("direction", direction)], by: Int64(tokens))
        }
        if costMicroDollars > 0 {
            count("fledge_model_cost_dollars", [("server", server)], by: costMicroDollars)
        }
    }

    private static func count(_ name: String, _ labels: [(String, String)] = [], by amount: Int64 = 1) {
        Counter(label: name, dimensions: labels).increment(by: amount)
    }

    private static func time(_ name: String, _ labels: [(String, String)], _ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        Timer(label: name, dimensions: labels).recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
