import FledgeCore
import FledgeEngine

extension PostgresStores: ExperimentStore {
    package func openExperiment(
        cycle: CycleID, purpose: ExperimentPurpose, round: Int, candidates: [Candidate],
        origins: [CandidateID: CandidateOrigin], plannedCalls: Int
    ) async throws -> Experiment {
        try await experiments.openExperiment(
            cycle: cycle, purpose: purpose, round: round, candidates: candidates, origins: origins,
            plannedCalls: plannedCalls)
    }

    package func experiment(cycle: CycleID, purpose: ExperimentPurpose, round: Int) async throws -> Experiment? {
        try await experiments.experiment(cycle: cycle, purpose: purpose, round: round)
    }

    package func searches(of cycle: CycleID) async throws -> [Experiment] { try await experiments.searches(of: cycle) }

    package func candidate(_ id: CandidateID) async throws -> Candidate { try await experiments.candidate(id) }

    package func register(_ candidate: Candidate) async throws { try await experiments.register(candidate) }

    package func samples(of experiment: ExperimentID) async throws -> [Sample] {
        try await experiments.samples(of: experiment)
    }

    package func forgetUnanswered(in experiment: ExperimentID) async throws {
        try await experiments.forgetUnanswered(in: experiment)
    }

    package func cachedAnswers(for requests: [Digest]) async throws -> [Digest: Completion] {
        try await experiments.cachedAnswers(for: requests)
    }

    package func write(_ batch: SampleBatch) async throws { try await experiments.write(batch) }

    package func finishExperiment(_ id: ExperimentID) async throws { try await experiments.finishExperiment(id) }

    package func spend(of cycle: CycleID) async throws -> CycleSpend { try await experiments.spend(of: cycle) }
}

extension PostgresStores: SearchStore {
    package func record(_ call: SearchCall) async throws { try await search.record(call) }

    package func recordFinding(_ finding: SearchFinding, experiment: ExperimentID) async throws {
        try await search.recordFinding(finding, experiment: experiment)
    }

    package func findings(of cycle: CycleID) async throws -> [Int: SearchFinding] {
        try await search.findings(of: cycle)
    }
}

extension PostgresStores: JudgeStore {
    package func recordLost(_ paid: SpendAmount, cycle: CycleID, because cause: String) async throws {
        try await judges.recordLost(paid, cycle: cycle, because: cause)
    }

    package func unjudged(in experiment: ExperimentID, metric: String) async throws -> [UnjudgedSample] {
        try await judges.unjudged(in: experiment, metric: metric)
    }

    package func searchAnswers(of cycle: CycleID) async throws -> [JudgedItem] {
        try await judges.searchAnswers(of: cycle)
    }

    package func verdicts(of judge: Digest, on items: [Digest]) async throws -> [Digest: JudgeRating] {
        try await judges.verdicts(of: judge, on: items)
    }

    package func readings(of cycle: CycleID) async throws -> [JudgeReadings] { try await judges.readings(of: cycle) }

    package func write(
        _ answer: JudgedAnswer, of judge: Digest, metric: String, cycle: CycleID, answers: [Digest: Completion]
    ) async throws {
        try await judges.write(answer, of: judge, metric: metric, cycle: cycle, answers: answers)
    }

    package func write(
        _ scores: [JudgedScore], metric: String, isPrimary: Bool, experiment: ExperimentID
    ) async throws {
        try await judges.write(scores, metric: metric, isPrimary: isPrimary, experiment: experiment)
    }

    package func write(_ labels: [PersonLabel], useCase: UseCaseID, question: Digest) async throws {
        try await judges.write(labels, useCase: useCase, question: question)
    }

    package func labels(of useCase: UseCaseID, question: Digest) async throws -> [PersonLabel] {
        try await judges.labels(of: useCase, question: question)
    }
}
