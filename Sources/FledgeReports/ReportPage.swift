import FledgeCore
import FledgeDocument
import Foundation

/// A report as text, ready for a template: every string passed through `clean`, the format's own defence.
struct ReportPage {
    struct UseCase {
        var anchor: String
        var name: String
        var badge: String
        var badgeStyle: String
        var headline: String
        var purpose: String?
        var facts: [Fact]
        var release: [Fact]
        /// The gate that the champion passed, and those of its cycle, where another cycle is the current one.
        var releaseGates: [Gate]
        var gates: [Gate]
        /// What the gates are evidence of.
        var gatesTitle: String
        var decisions: [DecisionPart]
        var candidateChart: String?
        var candidates: [CandidateRow]
        var unanswered: [String]
        var trainings: [Training]
        var costs: [Fact]
        var history: [Transition]
        var nextSteps: [String]
        // Stored, as the template engine sees stored properties alone.
        var hasRelease: Bool
        var hasGates: Bool
        var hasCandidates: Bool
        var hasUnanswered: Bool
        var hasHistory: Bool
    }

    struct Fact {
        var name: String
        var value: String
    }

    struct Gate {
        var title: String
        var verdict: String
        var note: String
        var chart: String?
        var rows: [Criterion]
    }

    struct Criterion {
        var metric: String
        var bar: String
        var value: String
        var interval: String
        var count: String
        var verdict: String
        var note: String
    }

    struct DecisionPart {
        /// With a space before it, or empty.
        var number: String
        var kind: String
        var summary: String
        var rules: [Rule]
        var missing: [String]
        var hasMissing: Bool
        var flips: [String]
        var hasFlips: Bool
        var unknown: [String]
        var hasUnknown: Bool
    }

    struct Rule {
        var name: String
        var holds: String
        var style: String
        var statement: String
    }

    struct CandidateRow {
        var round: String
        var name: String
        var adapter: String
        var demonstrations: String
        var score: String
        var interval: String
        var samples: String
        var errors: String
        var latency: String
        var cost: String
    }

    struct Training {
        var title: String
        var chart: String?
        var facts: [Fact]
    }

    struct Transition {
        var at: String
        var event: String
        var move: String
        var actor: String
        var note: String
    }

    var period: String
    var version: String
    var summary: [Fact]
    var useCases: [UseCase]
    var glossary: String
}

extension ReportPage {
    init(_ report: PromotionReport, clean: (String) -> String) {
        period = (report.from.map { "\(ReportText.instant($0)) to " } ?? "up to ") + ReportText.instant(report.to)
        version = clean(report.fledgeVersion)
        let states = report.useCases.map(\.status.state)
        summary = [
            Fact(name: "use cases", value: String(states.count)),
            Fact(name: "in production", value: String(report.useCases.count { $0.status.serving != nil })),
            Fact(name: "blocked", value: String(states.count { $0.block != nil })),
            Fact(
                name: "spent",
                value: clean(ReportText.dollars(report.useCases.reduce(0) { $0 + $1.status.costMicroDollars }))),
        ]
        useCases = report.useCases.enumerated().map { UseCase($1, anchor: "u\($0 + 1)", clean: clean) }
        glossary = """
            Intervals: each end is wrong with at most the error rate that the gate gave the look, so that a criterion passes \
            only when the whole interval lies on the good side of its bar. Rates use exact binomial (Clopper–Pearson) bounds, \
            percentiles order statistics, other means distribution-free bounds. Scores on the prototype split carry 95 % \
            intervals for orientation; as the best of many is chosen there, only the holdout decides.
            """
    }
}
