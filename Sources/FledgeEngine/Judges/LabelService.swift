import FledgeCore
import FledgeDocument
import Foundation

/// Hands answers to people for labelling, and measures judges by what they say.
struct LabelService: Sendable {
    let stores: any JudgeStore
    let models: ServerDirectory
    let now: @Sendable () -> Date

    func sheet(for cycle: Cycle, metric: String?, count: Int, actor: String) async throws -> LabelSheet {
        let judge = try Self.judge(metric, of: cycle)
        let mine = Set(
            try await stores.labels(of: cycle.useCase, question: judge.question)
                .filter { $0.labelledBy == actor }.map(\.item.id))
        let open = try await answers(of: cycle).filter { !mine.contains($0.key) }
        guard !open.isEmpty || !mine.isEmpty else {
            throw FledgeError(
                "label.no_answers", "\(cycle.definition.name) has no answers to label yet",
                hint: "wait for its first prompt round: fledge status \(cycle.definition.name)")
        }
        // Ordered by a hash of the answer, which depends on neither the judge's rating nor the candidate.
        let entries = open.sorted { $0.key.rawValue < $1.key.rawValue }.prefix(max(0, count))
            .map { LabelSheet.Entry(id: $0.key, item: $0.value) }
        return LabelSheet(useCase: cycle.definition.name, judge: judge, entries: entries, labelled: mine.count)
    }

    func label(_ request: LabelRequest, for cycle: Cycle) async throws -> JudgeStatus {
        let judge = try Self.judge(request.metric, of: cycle)
        guard !request.actor.isEmpty else {
            throw FledgeError("label.nobody", "a label needs somebody who gives it")
        }
        var known = try await answers(of: cycle)
        for label in try await stores.labels(of: cycle.useCase, question: judge.question) {
            known[label.item.id] = label.item
        }
        let at = now()
        // A person's latest label of an answer counts.
        var labels: [Digest: PersonLabel] = [:]
        for entry in request.entries {
            guard let item = known[entry.id] else {
                throw FledgeError(
                    "label.unknown_answer", "no answer of \(cycle.definition.name) has the id \(entry.id.short)",
                    hint: "write a fresh sheet: fledge label \(cycle.definition.name) --export FILE")
            }
            labels[entry.id] = PersonLabel(item: item, verdict: entry.verdict, labelledBy: request.actor, at: at)
        }
        try await stores.write(
            labels.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value), useCase: cycle.useCase,
            question: judge.question)
        return try await status(of: judge, in: cycle)
    }

    func judges(of cycle: Cycle) async throws -> [JudgeStatus] {
        var statuses: [JudgeStatus] = []
        for judge in cycle.definition.judges { statuses.append(try await status(of: judge, in: cycle)) }
        return statuses
    }

    /// Computed from the stored ratings; no judge is asked, so it costs nothing.
    private func status(of judge: JudgeDefinition, in cycle: Cycle) async throws -> JudgeStatus {
        let labels = try await stores.labels(of: cycle.useCase, question: judge.question).byMajority
        var verdicts: [Digest: JudgeRating] = [:]
        if !labels.isEmpty, let runner = try models.judges(of: cycle).first(where: { $0.judge == judge }) {
            verdicts = try await stores.verdicts(of: try await runner.identity(), on: labels.map(\.item.id))
        }
        return JudgeStatus(
            calibration: JudgeCalibrator.calibration(
                of: judge, useCase: cycle.definition.name, labels: labels, verdicts: verdicts),
            labels: labels.count, unjudged: labels.count { verdicts[$0.item.id] == nil },
            unread: try await unread(of: judge, in: cycle))
    }

    /// Replies that stopped the cycle are not among the ratings.
    private func unread(of judge: JudgeDefinition, in cycle: Cycle) async throws -> String? {
        if let block = cycle.state.block, block.code == JudgeReadings.code.rawValue { return block.message }
        return try await stores.readings(of: cycle.id).first { $0.judge == judge.name }?.sentence
    }

    /// Answers on the prototype split: the holdout stays unseen by the people who write prompts.
    private func answers(of cycle: Cycle) async throws -> [Digest: JudgedItem] {
        Dictionary(try await stores.searchAnswers(of: cycle.id).map { ($0.id, $0) }) { first, _ in first }
    }

    private static func judge(_ name: String?, of cycle: Cycle) throws -> JudgeDefinition {
        let judges = cycle.definition.judges
        let names = judges.map(\.name).joined(separator: ", ")
        guard !judges.isEmpty else {
            throw FledgeError(
                "label.no_judge", "\(cycle.definition.name) has no judged criterion, so there is nothing to label",
                hint: "add Judged(…) to its Advance or Require block")
        }
        guard let name else {
            if judges.count == 1 { return judges[0] }
            throw FledgeError(
                "label.which_judge", "\(cycle.definition.name) has several judged criteria: \(names)",
                hint: "choose one with --metric")
        }
        guard let judge = judges.first(where: { $0.name == name }) else {
            throw FledgeError(
                "label.unknown_metric", "\(cycle.definition.name) has no judged criterion \(name)",
                hint: "it has \(names)")
        }
        return judge
    }
}
