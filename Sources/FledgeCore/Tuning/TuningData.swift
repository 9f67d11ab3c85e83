import FledgeDocument

/// Which examples a run of a sweep or a pilot learns from, and which it is asked about: never one group on both sides.
package struct TuningData: Sendable {
    private enum Parts: Sendable {
        case heldBack(asked: [Example], learnt: [Example])
        case folds([[Example]])
    }

    private let parts: Parts

    /// At most so many examples are held back to be asked, and at most this share of them all.
    package static let mostAsked = 200
    private static let askedShare = 5
    /// With fewer answers a pilot's score would say next to nothing.
    package static let leastAsked = 20

    /// - Parameter examples: the training split.
    /// - Throws: `tuning.one_group` when no group could be held back from the others.
    package init(sweep: SweepDefinition, examples: [Example]) throws(FledgeError) {
        let ordered = Self.ordered(examples, seed: sweep.seed)
        if examples.count < sweep.foldsBelow {
            let folds = GroupedFolds.deal(ordered.map(\.group), into: sweep.folds, seed: sweep.seed)
            guard folds.count > 1 else { throw Self.oneGroup }
            parts = .folds(folds.map { $0.map { ordered[$0] } })
        } else {
            parts = try Self.heldBack(min(Self.mostAsked, examples.count / Self.askedShare), of: ordered)
        }
    }

    /// - Throws: `tuning.one_group`, `tuning.too_few_examples` when the largest size leaves too few to ask.
    package init(pilot: PilotDefinition, examples: [Example], seed: UInt64) throws(FledgeError) {
        let largest = pilot.sizes.max() ?? 0
        guard examples.count - largest >= Self.leastAsked else {
            throw FledgeError(
                "tuning.too_few_examples",
                "a pilot of \(largest) examples needs \(largest + Self.leastAsked) training examples, and there are "
                    + "\(examples.count)",
                hint: "make the largest size of Pilot smaller, or label more rows")
        }
        parts = try Self.heldBack(
            min(Self.mostAsked, examples.count - largest), of: Self.ordered(examples, seed: seed))
    }

    /// How the examples are used, for the sweep's plan.
    package var resource: SuccessiveHalving.Resource {
        switch parts {
        case .heldBack(_, let learnt): .share(of: learnt.count)
        case .folds(let folds): .folds(folds.map(\.count))
        }
    }

    /// A smaller run learns from the first of what a larger one learns from.
    package func learnt(by run: TrialRun) -> [Example] {
        switch parts {
        case .heldBack(_, let learnt): Array(learnt.prefix(run.rows))
        case .folds(let folds): folds.enumerated().filter { $0.offset != run.fold }.flatMap(\.element)
        }
    }

    package func asked(of run: TrialRun) -> [Example] {
        switch parts {
        case .heldBack(let asked, _): asked
        case .folds(let folds): run.fold.map { folds[$0] } ?? []
        }
    }

    /// Whole groups, in an order that their hash decides: more examples change nothing about those that are there.
    private static func ordered(_ examples: [Example], seed: UInt64) -> [Example] {
        examples.map { (StableHash.hash($0.group, seed: seed), $0) }
            .sorted { ($0.0, $0.1.group, $0.1.row) < ($1.0, $1.1.group, $1.1.row) }.map(\.1)
    }

    private static func heldBack(_ count: Int, of examples: [Example]) throws(FledgeError) -> Parts {
        func isInsideGroup(_ cut: Int) -> Bool {
            cut > 0 && cut < examples.count && examples[cut].group == examples[cut - 1].group
        }
        var cut = min(max(1, count), examples.count)
        while isInsideGroup(cut) { cut -= 1 }
        if cut == 0 {
            cut = min(max(1, count), examples.count)
            while isInsideGroup(cut) { cut += 1 }
        }
        guard cut < examples.count else { throw oneGroup }
        return .heldBack(asked: Array(examples[..<cut]), learnt: Array(examples[cut...]))
    }

    private static var oneGroup: FledgeError {
        FledgeError(
            "tuning.one_group",
            "all training examples are of one group, so that none can be held back to score a trial",
            hint: "name a finer Group in Dataset, or leave out Sweep and Pilot")
    }
}
