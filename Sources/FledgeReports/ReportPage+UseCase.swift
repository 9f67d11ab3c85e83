import FledgeCore
import FledgeDocument
import Foundation

extension ReportPage.UseCase {
    init(_ report: UseCaseReport, anchor: String, clean: (String) -> String) {
        let status = report.status
        let state = status.state
        self.anchor = anchor
        name = clean(status.name)
        (badge, badgeStyle) = Self.badge(status, clean)
        headline = clean(ReportHeadline.text(report))
        purpose = report.purpose.map(clean)
        facts = [
            .init(
                name: "Serves",
                value: status.serving.map { clean("release \($0.release), revision \($0.revision), cycle \($0.cycle)") }
                    ?? "nothing"),
            .init(name: "Stage", value: "\(state.stage.rawValue), \(state.activity.rawValue)"),
            .init(name: "Since", value: ReportText.instant(status.since)),
            .init(name: "Owner", value: status.owner.map(clean) ?? "–"),
            .init(
                name: "Definition",
                value: "revision \(status.revision), cycle \(status.cycle)"
                    + (report.isSourceVerified == true ? "" : "; its source \(RevisionSource.unverified)")),
        ]
        if let audit = report.audit {
            // Whole: a report that lies elsewhere is a witness of what the database held.
            facts.append(.init(name: "Evidence", value: "\(audit.entries) entries, head \(audit.hash)"))
            facts.append(.init(name: "History", value: "\(audit.transitions) transitions, head \(audit.historyHash)"))
        }
        release =
            report.releases.first(where: \.isChampion).map { Self.facts(of: $0, among: report.releases, clean) } ?? []
        let champion = report.releases.first(where: \.isChampion)
        let isEarlier = champion.map { $0.cycle != status.cycle } ?? false
        releaseGates =
            isEarlier
            ? (report.championGates ?? [champion?.bundle.gate].compactMap(\.self)).enumerated().map {
                ReportPage.Gate($1, id: "\(anchor)-release-gate\($0 + 1)", clean)
            } : []
        gatesTitle = isEarlier ? "Evidence on the holdout, cycle \(status.cycle)" : "Evidence on the holdout"
        gates = report.gates.enumerated().map { ReportPage.Gate($1, id: "\(anchor)-gate\($0 + 1)", clean) }
        decisions = report.decisions.map { decision in
            .init(
                number: decision.number.map { " \($0)" } ?? "", kind: decision.kind.rawValue,
                summary: clean(decision.summary),
                rules: decision.rules.map {
                    .init(
                        name: clean($0.name), holds: $0.holds ? "yes" : "no", style: $0.holds ? "passed" : "failed",
                        statement: clean($0.statement))
                },
                missing: decision.missing.map(clean), hasMissing: !decision.missing.isEmpty,
                flips: (decision.flipPoints ?? []).map { clean($0.statement) },
                hasFlips: !(decision.flipPoints ?? []).isEmpty,
                unknown: (decision.missingInputs ?? []).map { clean("\($0.name): \($0.supply)") },
                hasUnknown: !(decision.missingInputs ?? []).isEmpty)
        }
        let scored = report.candidates.map { (candidate: $0, bounds: Self.bounds(of: $0)) }
        candidates = scored.map { ReportPage.CandidateRow($0.candidate, $0.bounds, clean) }
        unanswered = report.candidates.compactMap { candidate in
            candidate.missing.map {
                clean(
                    MissingFinding(
                        purpose: candidate.purpose, round: candidate.round, id: candidate.candidate,
                        candidate: candidate.name, answers: $0
                    ).sentence)
            }
        }
        hasUnanswered = !unanswered.isEmpty
        candidateChart = Self.chart(
            scored, bar: ReportHeadline.primary(report.gates.last)?.criterion.bound.value, id: "\(anchor)-scores")
        let sweeps = (report.sweeps ?? []).map { ReportPage.Training($0, clean) }
        trainings =
            sweeps + report.trainings.enumerated().map { ReportPage.Training($1, id: "\(anchor)-loss\($0 + 1)", clean) }
        costs = Self.costs(of: report).map { .init(name: $0.name, value: clean($0.value)) }
        history = report.history.map {
            .init(
                at: ReportText.instant($0.at), event: clean($0.event),
                move:
                    "\($0.fromStage.rawValue)/\($0.fromActivity.rawValue) → \($0.toStage.rawValue)/\($0.toActivity.rawValue)",
                actor: clean($0.actor), note: clean($0.note ?? ""))
        }
        nextSteps = report.nextSteps.map(clean)
        hasRelease = !release.isEmpty
        hasGates = !gates.isEmpty
        hasCandidates = !candidates.isEmpty
        hasHistory = !history.isEmpty
    }

    private static func badge(_ status: UseCaseStatus, _ clean: (String) -> String) -> (String, String) {
        let state = status.state
        let trial: (String, String) =
            if let block = state.block { (clean("blocked: \(block.code)"), "failed") } else if state.isPaused {
                ("paused", "inconclusive")
            } else { (state.stage.rawValue, "neutral") }
        guard status.serving != nil else { return trial }
        // An earlier release serves whatever comes of the trial.
        if state.stage == .production, state.block == nil, !state.isPaused { return ("in production", "passed") }
        return ("in production; trial \(trial.0)", "passed")
    }

    private static func facts(of release: Release, among all: [Release], _ clean: (String) -> String) -> [ReportPage
        .Fact]
    {
        let bundle = release.bundle
        let move = release.moves?.last
        let previous = move.flatMap { move in all.first { $0.number == move.from } }
        var facts: [ReportPage.Fact] = [
            .init(name: "Release", value: "\(release.number), made \(ReportText.instant(release.createdAt))"),
            .init(
                name: "Took over from",
                value: previous.map { clean("release \($0.number), \($0.bundle.candidate.name)") }
                    ?? "nothing: the first release"),
            .init(name: "Prompt", value: clean(bundle.candidate.name)),
            .init(name: "Model", value: clean("\(bundle.candidate.model) (\(bundle.modelRevision.prefix(12)))")),
            .init(name: "Adapter", value: bundle.candidate.adapter?.short ?? "none"),
            .init(name: "Approved by", value: clean(bundle.approvedBy)),
            .init(
                name: "Definition and data",
                value:
                    "revision \(bundle.definitionRevision) (\(bundle.definitionSHA256.short)), data \(bundle.dataSHA256.short)"
            ),
        ]
        if let move {
            facts.append(
                .init(
                    name: "Made champion by",
                    value: clean("\(move.actor), \(ReportText.instant(move.at)): \(move.reason)")))
        }
        return facts
    }

    private static func costs(of report: UseCaseReport) -> [ReportPage.Fact] {
        let tokens = report.candidates.reduce((0, 0)) { ($0.0 + $1.promptTokens, $0.1 + $1.completionTokens) }
        let trained = report.trainings.compactMap { $0.points.map(\.elapsedSeconds).max() }.reduce(0, +)
        var facts: [ReportPage.Fact] = [
            .init(name: "Model calls", value: "\(report.status.callsMade)"),
            .init(name: "Cost", value: ReportText.dollars(report.status.costMicroDollars)),
            .init(name: "Tokens", value: "\(tokens.0) read, \(tokens.1) written"),
        ]
        let presumed = report.candidates.reduce(0) { $0 + ($1.presumedCalls ?? 0) }
        if presumed > 0 {
            facts.append(
                .init(
                    name: "Presumed",
                    value: "the usage of \(presumed) calls, which their server did not say: the most that it can be"))
        }
        if trained > 0 { facts.append(.init(name: "Training", value: ReportText.duration(trained))) }
        if let first = report.history.map(\.at).min(), let last = report.history.map(\.at).max(), last > first {
            facts.append(
                .init(name: "First to last transition", value: ReportText.duration(last.timeIntervalSince(first))))
        }
        return facts
    }

    /// 95 % bounds: exact where the score is a share of the samples, distribution-free (Hoeffding) for other scores in 0…1.
    private static func bounds(of candidate: CandidateScore) -> Bounds? {
        guard let score = candidate.score, candidate.samples > 0, (0...1).contains(score) else { return nil }
        let hits = score * Double(candidate.samples)
        if abs(hits - hits.rounded()) < 1e-6 {
            return .clopperPearson(successes: Int(saturating: hits.rounded()), trials: candidate.samples, alpha: 0.025)
        }
        let reach = (log(1 / 0.025) / (2 * Double(candidate.samples))).squareRoot()
        return Bounds(lower: max(0, score - reach), upper: min(1, score + reach))
    }

    private static func chart(_ scored: [(candidate: CandidateScore, bounds: Bounds?)], bar: Double?, id: String)
        -> String?
    {
        let rows = scored.compactMap { entry -> ReportCharts.Row? in
            guard let score = entry.candidate.score, let bounds = entry.bounds else { return nil }
            return .init(
                name: entry.candidate.name, value: score, lower: bounds.lower, upper: bounds.upper,
                style: entry.candidate.adapter == nil ? "prompted" : "tuned", note: ReportText.number(score))
        }
        guard let best = rows.max(by: { $0.value < $1.value }) else { return nil }
        return ReportCharts.intervals(
            rows, bar: bar, maximum: 1, id: id, title: "Score of every candidate",
            description:
                "\(rows.count) candidates with 95 % intervals; the best is \(best.name) with \(ReportText.number(best.value))."
                + (bar.map { " The bar is \(ReportText.number($0))." } ?? ""))
    }
}

extension ReportPage.Gate {
    init(_ gate: GateResult, id: String, _ clean: (String) -> String) {
        title = clean("Look \(gate.spentLook) of \(gate.looksAllowed): \(gate.candidateName)")
        verdict = gate.verdict.rawValue
        if let before = gate.prototypeScore, let after = gate.holdoutScore {
            note =
                "Scored \(ReportText.number(before)) where it was chosen and \(ReportText.number(after)) on the holdout: optimism gap \(ReportText.number(before - after))."
        } else {
            note = ""
        }
        rows = gate.criteria.map { result in
            var remarks: [String] = []
            if let needed = result.countNeeded { remarks.append("about \(needed) examples would settle it") }
            if let detail = result.detail { remarks.append(detail) }
            return .init(
                metric: clean(result.criterion.metric.title), bar: clean(ReportText.bound(result.criterion)),
                value: clean(ReportText.value(result.value, of: result.criterion.metric)),
                interval: clean(ReportText.interval(result)),
                count: String(result.count), verdict: result.verdict.rawValue,
                note: clean(remarks.joined(separator: "; ")))
        }
        rows += (gate.comparisons ?? []).map { .init($0, clean) } + (gate.slices ?? []).map { .init($0, clean) }
        chart = Self.chart(gate, id: id)
    }

    /// Each criterion as a share of its own bar, so that fractions, seconds and dollars fit one axis.
    private static func chart(_ gate: GateResult, id: String) -> String? {
        let rows = gate.criteria.compactMap { result -> ReportCharts.Row? in
            let bar = result.criterion.bound.value
            guard let value = result.value, bar > 0 else { return nil }
            return .init(
                name: result.criterion.metric.title, value: value / bar, lower: (result.lower ?? 0) / bar,
                upper: (result.upper ?? .infinity) / bar, style: result.verdict.rawValue,
                note: ReportText.value(value, of: result.criterion.metric))
        }
        guard !rows.isEmpty else { return nil }
        let words = gate.criteria.map {
            "\($0.criterion.metric.title) \(ReportText.value($0.value, of: $0.criterion.metric)) \(ReportText.interval($0)), \(ReportText.bound($0.criterion)) asked: \($0.verdict.rawValue)"
        }
        return ReportCharts.intervals(
            rows, bar: 1, maximum: 2, id: id, title: "Criteria as a multiple of their bar (the line at 1)",
            description: words.joined(separator: ". ") + ".")
    }
}

extension ReportPage.CandidateRow {
    init(_ candidate: CandidateScore, _ bounds: Bounds?, _ clean: (String) -> String) {
        round =
            switch candidate.purpose {
            case .search: String(candidate.round)
            case .gate: "gate"
            case .adapter: "adapter"
            case .teacher: "teacher"
            }
        name = clean(candidate.name)
        adapter = candidate.adapter?.short ?? "none"
        demonstrations = String(candidate.demonstrations)
        score = candidate.score.map { ReportText.number($0) } ?? "–"
        interval = bounds.map { "[\(ReportText.number($0.lower)), \(ReportText.number($0.upper))]" } ?? "–"
        samples = String(candidate.samples)
        errors = String(candidate.errors)
        latency = candidate.medianLatencySeconds.map { "\(ReportText.number($0)) s" } ?? "–"
        cost = clean(ReportText.dollars(candidate.costMicroDollars))
    }
}

extension ReportPage.Training {
    init(_ training: UseCaseReport.TrainingSummary, id: String, _ clean: (String) -> String) {
        let job = training.job
        title = clean("Job \(job.id) on \(job.executor): \(job.state.rawValue)")
        chart = ReportCharts.losses(training.points, id: id)
        var facts: [(String, String?)] = [
            ("Steps", job.steps.map { steps in job.totalSteps.map { "\(steps) of \($0)" } ?? "\(steps)" }),
            ("Training loss", job.loss.map { ReportText.number($0, digits: 3) }),
            ("Validation loss", job.validationLoss.map { ReportText.number($0, digits: 3) }),
            ("Speed", job.tokensPerSecond.map { "\(ReportText.number($0, digits: 0)) tokens/s" }),
            ("Time", training.points.map(\.elapsedSeconds).max().map(ReportText.duration)),
            ("Adapter", job.adapter?.short),
            (
                "Served and trained answers agree",
                job.goldenAgreement.map { "\(ReportText.number($0 * 100, digits: 1)) % of the golden prompts" }
            ),
        ]
        if let code = job.errorCode { facts.append(("Error", "\(job.errorMessage ?? "") (\(code))")) }
        self.facts = facts.compactMap { name, value in value.map { .init(name: name, value: clean($0)) } }
    }
}
