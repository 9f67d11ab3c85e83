import Foundation

/// How many candidates of a race are still in it after each number of examples.
///
/// After `n` shared examples, `⌊K·(b/n)^0.8⌋` of `K` candidates go on, where `b` is the first block: every candidate gets as
/// many examples as its place deserves, as in Successive Rejects (Audibert, Bubeck and Munos, *Best arm identification in
/// multi-armed bandits*, COLT 2010, figure 3, where the k-th phase ends at n ∝ 1/(K + 1 − k), which is the exponent 1).
/// Examples run out here, other than there, so a little more of the budget belongs to the last candidates: 0.8 did best
/// in the replays of `FledgeBench evidence --only search-cost`. Sequential halving (Karnin, Koren and Somekh, ICML 2013) is
/// the coarse form. The first block is the longest that the calls allow.
package struct RaceSchedule: Hashable, Sendable {
    package struct Settings: Hashable, Sendable {
        /// The share of the calls that scoring every candidate on every example would take.
        package var share: Double
        /// Fewer examples than these drop nobody, unless the budget forbids so many.
        package var minimumBlock: Int
        /// How many candidates are scored on every example at the most, besides the kept.
        package var finalists: Int
        /// Examples between two looks after the first block.
        package var step: Int
        /// How fast the field shrinks: above 1 favours the beginning, below 1 the end.
        package var exponent: Double

        package init(
            share: Double = 0.2, minimumBlock: Int = 6, finalists: Int = 3, step: Int = 2, exponent: Double = 0.8
        ) {
            self.share = share
            self.minimumBlock = minimumBlock
            self.finalists = finalists
            self.step = step
            self.exponent = exponent
        }
    }

    package let candidates: Int
    package let examples: Int
    package let firstBlock: Int
    package let settings: Settings
    /// Of the candidates, how many are never dropped, and how many of those are scored already.
    private let kept: Int
    private let known: Int

    /// - Parameters:
    ///   - candidates: how many start, the kept ones among them.
    ///   - kept: how many are never dropped.
    ///   - known: how many of the kept are scored on every example already.
    ///   - maximumCalls: what the budget allows.
    package init(
        candidates: Int, examples: Int, kept: Int = 0, known: Int = 0, maximumCalls: Int = .max,
        settings: Settings = Settings()
    ) {
        self.candidates = candidates
        self.examples = examples
        self.settings = settings
        self.kept = kept
        self.known = known
        let exhaustive = Double(candidates - known) * Double(examples)
        let wanted = Int(settings.share * exhaustive)
        var block = min(examples, settings.minimumBlock)
        func calls(_ block: Int) -> Int {
            Self.calls(
                candidates: candidates, examples: examples, kept: kept, known: known, firstBlock: block,
                settings: settings)
        }
        // A kept candidate that is far behind is proven to be long before the end; the share counts on it, a budget does not.
        let likelySpared = (kept - known) * (examples - examples / 4)
        while block < examples, calls(block + 1) - likelySpared <= wanted { block += 1 }
        while block > 1, calls(block) > maximumCalls { block -= 1 }
        firstBlock = max(1, block)
    }

    /// The numbers of examples after which candidates are compared, the last of them all.
    package var looks: [Int] {
        guard examples > 0 else { return [] }
        var looks = Array(stride(from: min(firstBlock, examples), to: examples, by: max(1, settings.step)))
        looks.append(examples)
        return looks
    }

    /// How many candidates go on after `scored` examples, the kept ones among them.
    package func survivors(after scored: Int) -> Int {
        Self.survivors(
            candidates: candidates, after: scored, kept: kept, firstBlock: firstBlock, settings: settings)
    }

    /// The calls of a race in which nobody drops out before the schedule says so.
    package var calls: Int {
        Self.calls(
            candidates: candidates, examples: examples, kept: kept, known: known, firstBlock: firstBlock,
            settings: settings)
    }

    private static func survivors(
        candidates: Int, after scored: Int, kept: Int, firstBlock: Int, settings: Settings
    ) -> Int {
        let racing = candidates - kept
        guard scored > firstBlock else { return candidates }
        let staying = Double(racing) * pow(Double(firstBlock) / Double(scored), settings.exponent)
        // A small field needs no more than one of eight at its end.
        let finalists = max(1, min(settings.finalists, (racing + 7) / 8))
        return kept + min(racing, max(Int(staying), finalists))
    }

    private static func calls(
        candidates: Int, examples: Int, kept: Int, known: Int, firstBlock: Int, settings: Settings
    ) -> Int {
        var total = 0
        var scored = 0
        var alive = candidates
        while scored < examples {
            let step = min(scored == 0 ? firstBlock : max(1, settings.step), examples - scored)
            total += (alive - known) * step
            scored += step
            alive = survivors(
                candidates: candidates, after: scored, kept: kept, firstBlock: firstBlock, settings: settings)
        }
        return total
    }
}
