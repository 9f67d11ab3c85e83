import FledgeCore
import FledgeDocument

/// Scores the recorded answers of an experiment once more, and says where a score is not the one that was recorded.
///
/// Judges are not asked again, and their ratings are left as they are. Answers to changed questions (for robustness)
/// are left out, since each of these has choices of its own.
struct AnswerReplay: Sendable {
    /// How many differences of one experiment are reported at most.
    private static let most = 100

    let stores: any CycleStore & ExperimentStore
    let models: ServerDirectory

    func differences(in experiment: Experiment, of cycle: Cycle) async throws -> [JSONDifference] {
        let scorer = try await models.scorer(of: cycle)
        let metrics = cycle.definition.scoredMetrics
        let primary = cycle.definition.primaryMetric
        let candidates = Dictionary(experiment.candidates.map { ($0.id, $0) }) { first, _ in first }
        var expected: [ExampleID: String] = [:]
        for split in DatasetSplit.allCases {
            for example in try await stores.examples(of: cycle.snapshot, in: split) {
                expected[example.id] = example.expected
            }
        }
        var found: [JSONDifference] = []
        for sample in try await stores.samples(of: experiment.id) where found.count < Self.most {
            try CancellationPoint.check()
            // Lets other tasks have the thread, since scoring an answer may take long.
            await Task.yield()
            guard let output = sample.output, !sample.isUnanswered, sample.repeat < PerturbedQuestion.firstRepeat,
                let candidate = candidates[sample.candidate], let label = expected[sample.example]
            else { continue }
            var computed: [String: Double] = [:]
            for metric in metrics {
                // A pattern whose search was given up gave no score, so there is nothing to compare.
                let scores = try scorer.scores(metric, output: output, expected: label, choices: candidate.choices)
                computed.merge(scores.filter { $0.key != Sample.unread(metric.name) }) { $1 }
            }
            if primary.judge == nil { computed["primary"] = computed[primary.name] }
            for (name, score) in computed.sorted(by: { $0.key < $1.key }) {
                // A metric that a later revision added was not scored at that time.
                guard let recorded = sample.scores[name], recorded != score else { continue }
                let place = "\(experiment.purpose.rawValue)[\(experiment.round)].\(candidate.name).\(sample.example)"
                found.append(
                    JSONDifference(
                        path: "\(place)[\(sample.repeat)].\(name)", recorded: String(recorded), computed: String(score))
                )
            }
        }
        return found
    }
}
