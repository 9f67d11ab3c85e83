import Foundation

/// How many candidates of a race go on after each number of examples, so that its calls are spent, and no more.
///
/// A field of `k` candidates after `n` shared examples is planned to be `k·(n/m)^p` after `m` of them: every candidate gets as
/// many examples as its place deserves, as in Successive Rejects (Audibert, Bubeck and Munos, *Best arm identification in
/// multi-armed bandits*, COLT 2010, figure 3, where the k-th phase ends at n ∝ 1/(K + 1 − k), which is the exponent 1).
/// Sequential halving (Karnin, Koren and Somekh, ICML 2013) is the coarse form. The exponent is not fixed: at each look it is
/// the smallest for which the calls that are left suffice, so that what early losers spare goes to those that are close.
package struct RaceSchedule: Hashable, Sendable {
    package struct Settings: Hashable, Sendable {
        /// The share of the calls that scoring every candidate on every example would take.
        package var share: Double
        /// Fewer examples than these drop nobody, unless the budget forbids so many.
        package var firstBlock: Int
        /// How many candidates are scored on every example, besides the kept, where the calls suffice.
        package var finalists: Int
        /// Examples between two looks after the first block, at the least: fewer would wait for the server more often than
        /// they spare it.
        package var step: Int

        package init(share: Double = 0.2, firstBlock: Int = 8, finalists: Int = 3, step: Int = 4) {
            self.share = share
            self.firstBlock = firstBlock
            self.finalists = finalists
            self.step = max(1, step)
        }
    }

    /// The candidates that may be dropped for their place: how many the plan has, as a real number, and the calls so far.
    package struct Field: Hashable, Sendable {
        package var size: Double
        package var calls: Int
    }

    package let examples: Int
    package let firstBlock: Int
    /// The most calls that the race makes: its share, or what a small field needs, and never more than the budget has as long
    /// as that pays for one candidate and the kept on every example.
    package let calls: Int
    package let settings: Settings
    private let racing: Int
    /// A hundred looks are enough for many examples, too: each reads what was scored.
    private let step: Int

    /// - Parameters:
    ///   - candidates: how many start, the kept ones among them.
    ///   - kept: how many are never dropped for their place.
    ///   - known: how many of the kept are scored on every example already.
    ///   - maximumCalls: what the budget allows.
    package init(
        candidates: Int, examples: Int, kept: Int = 0, known: Int = 0, maximumCalls: Int = .max,
        settings: Settings = Settings()
    ) {
        self.examples = examples
        self.settings = settings
        racing = candidates - kept
        step = max(settings.step, examples / 100)
        let asked = candidates - known
        let exhaustive = asked * examples
        var block = max(1, min(examples, settings.firstBlock))
        // A field that is too small for its share is raced by Successive Rejects.
        let rejects = Self.calls(
            from: Double(racing), after: block, of: examples, exponent: 1, step: step, finalists: 1)
        let needed = asked * block + (kept - known) * (examples - block) + rejects
        let small = Int(saturating: settings.share * Double(Self.smallField * max(examples, Self.fewExamples)))
        calls = min(
            maximumCalls, max(Int(saturating: settings.share * Double(exhaustive)), min(needed, small)), exhaustive)
        // At most half of the calls go to the first block, and enough are left to score one to the end.
        let finishing = min(1, racing) + kept - known
        while block > 1,
            asked * block + finishing * (examples - block) > calls || (block < examples && 2 * asked * block > calls)
        {
            block -= 1
        }
        firstBlock = block
    }

    /// Fields of fewer candidates, or with fewer examples, may take more than their share.
    private static let smallField = 20
    private static let fewExamples = 40

    /// The numbers of examples after which candidates are compared, the last of them all.
    package var looks: [Int] {
        guard examples > 0 else { return [] }
        var looks = Array(stride(from: min(firstBlock, examples), to: examples, by: step))
        looks.append(examples)
        return looks
    }

    package var start: Field { Field(size: Double(racing), calls: 0) }

    /// How many of the racing go on to the next look.
    ///
    /// - Parameters:
    ///   - racing: how many are left after this look, without the kept.
    ///   - paidKept: how many kept candidates are still scored.
    ///   - field: the calls made so far among it; its size is brought up to the next look.
    package func places(for racing: Int, besides paidKept: Int, after scored: Int, _ field: inout Field) -> Int {
        guard racing > 0, scored < examples else { return racing }
        // What the plan has beyond a whole number is not lost when others drop out by themselves.
        field.size = min(field.size, Double(racing) + Self.almostOne)
        let finalists = min(racing, finalists)
        let left = calls - field.calls
        let exponent = exponent(field.size, after: scored, left: left, finalists: finalists)
        let next = min(examples, scored + step)
        field.size *= pow(Double(scored) / Double(next), exponent)
        var places = min(racing, max(Int(saturating: field.size), finalists))
        func least(_ places: Int) -> Int {
            (places + paidKept) * (next - scored) + (1 + paidKept) * (examples - next)
        }
        while places > 1, least(places) > left { places -= 1 }
        field.size = max(field.size, Double(places))
        return places
    }

    private static let almostOne = 0.999

    /// A small field needs no more than one of eight at its end.
    private var finalists: Int { max(1, min(settings.finalists, (racing + 7) / 8)) }

    /// The smallest exponent that the calls suffice for, to within a thousandth.
    private func exponent(_ size: Double, after scored: Int, left: Int, finalists: Int) -> Double {
        func suffices(_ exponent: Double) -> Bool {
            Self.calls(
                from: size, after: scored, of: examples, exponent: exponent, step: step, finalists: finalists)
                <= left
        }
        guard !suffices(0) else { return 0 }
        var (low, high) = (0.0, 8.0)
        // 8 halved so often is below a thousandth.
        for _ in 0..<13 {
            let middle = (low + high) / 2
            if suffices(middle) { high = middle } else { low = middle }
        }
        return high
    }

    /// The calls of a field that shrinks by that exponent, from one look to the end.
    private static func calls(
        from size: Double, after scored: Int, of examples: Int, exponent: Double, step: Int, finalists: Int
    ) -> Int {
        stride(from: scored, to: examples, by: step).reduce(0) { total, look in
            let planned = Int(saturating: size * pow(Double(scored) / Double(look), exponent))
            return total + min(Int(saturating: size), max(planned, finalists)) * min(step, examples - look)
        }
    }
}
