import Foundation

/// What a model reached after training on so many examples.
package struct LearningCurvePoint: Codable, Hashable, Sendable {
    /// Training examples; at least 1.
    package var examples: Int
    /// The primary metric's mean, 0…1.
    package var score: Double
    /// Examples that the score was measured on.
    package var count: Int

    package init(examples: Int, score: Double, count: Int) {
        self.examples = examples
        self.score = score
        self.count = count
    }
}

/// How a score grows with the training examples, and what it says of sizes that were not tried.
///
/// score(n) = a − b·n^(−c), the inverse power law of Figueroa et al. (BMC Medical Informatics and Decision Making 12:8,
/// 2012, eq. 1), whose exponents Hestness et al. (arXiv:1712.00409, 2017, eq. 1) find for neural networks; a is the
/// score that endless data would reach. As in Figueroa et al. the fit is by weighted least squares; a weight here is the
/// inverse of a score's binomial variance, n/(s(1 − s)) with s = (n·score + 1)/(n + 2), where they take the size's rank.
/// For a given c the curve is linear in a and b, so c alone is searched (variable projection, Golub and Pereyra 1973),
/// under 0 ≤ a ≤ 1, b ≥ 0 and 0.01 ≤ c ≤ 1.
package struct LearningCurve: Sendable {
    /// One curve.
    package struct PowerLaw: Codable, Hashable, Sendable {
        package var ceiling: Double
        package var reach: Double
        package var exponent: Double

        package init(ceiling: Double, reach: Double, exponent: Double) {
            self.ceiling = ceiling
            self.reach = reach
            self.exponent = exponent
        }

        /// The score after training on so many examples, held to 0…1.
        package func score(at examples: Int) -> Double {
            min(1, max(0, ceiling - reach * pow(Double(max(1, examples)), -exponent)))
        }

        /// The fewest examples whose score is at least the bar; nil when a billion do not reach it.
        package func examplesNeeded(for bar: Double) -> Int? {
            guard ceiling > bar else { return reach == 0 && ceiling >= bar ? 1 : nil }
            let needed = pow(reach / (ceiling - bar), 1 / exponent)
            guard needed < 1e9 else { return nil }
            return max(1, Int(saturating: needed.rounded(.up)))
        }
    }

    package static let minimumSizes = 3
    /// Curves that are drawn to see how sure the projection is.
    package static let resamples = 200

    package let points: [LearningCurvePoint]
    package let fitted: PowerLaw
    private let drawn: [PowerLaw]

    /// Nil with fewer than three sizes: two parameters and an exponent cannot be told apart then.
    ///
    /// The uncertainty is a parametric bootstrap (Efron and Tibshirani 1993, §6.5): every point's score is drawn anew
    /// from the binomial distribution around the fitted curve, and the curve is fitted to what was drawn.
    ///
    /// - Parameter seed: the same seed gives the same interval.
    package init?(_ points: [LearningCurvePoint], seed: UInt64 = 1) {
        let points = points.filter {
            $0.examples > 0 && $0.count > 0 && $0.score.isFinite && (0...1).contains($0.score)
        }.sorted { ($0.examples, $0.count, $0.score) < ($1.examples, $1.count, $1.score) }
        guard Set(points.map(\.examples)).count >= Self.minimumSizes else { return nil }
        self.points = points
        let fitter = Fitter(points)
        fitted = fitter.fit(points, refinements: 24)
        let expected = points.map { [fitted] in fitted.score(at: $0.examples) }
        var random = SplitMix64(seed: seed)
        drawn = (0..<Self.resamples).map { _ in
            var again = points
            for index in again.indices {
                again[index].score = Self.drawnRate(expected[index], count: points[index].count, using: &random)
            }
            return fitter.fit(again, refinements: 12)
        }
    }

    /// The score after training on so many examples, with one-sided bounds that are each wrong with probability about
    /// `alpha`.
    package func projection(at examples: Int, alpha: Double = 0.05) -> (score: Double, bounds: Bounds) {
        let scores = drawn.map { $0.score(at: examples) }.sorted()
        let cut = min(scores.count - 1, Int(saturating: (alpha * Double(scores.count)).rounded(.down)))
        return (fitted.score(at: examples), Bounds(lower: scores[cut], upper: scores[scores.count - 1 - cut]))
    }

    /// The fewest examples at which the projected score reaches the bar, by the fitted curve, by the optimistic one (at
    /// least a share `alpha` of the drawn curves needs no more) and by the cautious one; nil for a billion or more.
    package func examplesNeeded(for bar: Double, alpha: Double = 0.05) -> (
        expected: Int?, optimistic: Int?, cautious: Int?
    ) {
        let needed = drawn.map { $0.examplesNeeded(for: bar) ?? .max }.sorted()
        let cut = min(needed.count - 1, Int(saturating: (alpha * Double(needed.count)).rounded(.down)))
        func finite(_ count: Int) -> Int? { count == .max ? nil : count }
        return (fitted.examplesNeeded(for: bar), finite(needed[cut]), finite(needed[needed.count - 1 - cut]))
    }

    // MARK: Fitting

    private static let exponents: ClosedRange<Double> = 0.01...1

    /// The best curve: a grid over the exponent, then golden-section search around its best place.
    package static func fit(_ points: [LearningCurvePoint]) -> PowerLaw { Fitter(points).fit(points, refinements: 24) }

    /// What every fit to the same sizes shares: the bootstrap fits hundreds of curves.
    private struct Fitter {
        private static let steps = 32
        private static let width = (exponents.upperBound - exponents.lowerBound) / Double(steps)

        private let logarithms: [Double]
        /// n^(−c) for each exponent of the grid, sizes after one another.
        private let grid: [Double]

        init(_ points: [LearningCurvePoint]) {
            let logarithms = points.map { log(Double($0.examples)) }
            self.logarithms = logarithms
            grid = (0...Self.steps).flatMap { step in
                logarithms.map { exp(-(exponents.lowerBound + Double(step) * Self.width) * $0) }
            }
        }

        /// - Parameter refinements: each makes the interval of the exponent 0.618 times as wide.
        func fit(_ points: [LearningCurvePoint], refinements: Int) -> PowerLaw {
            let count = points.count
            let scores = points.map(\.score)
            let weights = points.map { point in
                let count = Double(point.count)
                let smoothed = (count * point.score + 1) / (count + 2)
                return count / (smoothed * (1 - smoothed))
            }
            var best = 0
            var least = Double.infinity
            for step in 0...Self.steps {
                let loss = linear(grid[(step * count)..<((step + 1) * count)], scores, weights, 0).loss
                if loss < least { (best, least) = (step, loss) }
            }
            func exponent(_ step: Int) -> Double { exponents.lowerBound + Double(step) * Self.width }
            var powers = ArraySlice(repeating: 0.0, count: count)
            func solved(_ exponent: Double) -> (law: PowerLaw, loss: Double) {
                for index in 0..<count { powers[index] = exp(-exponent * logarithms[index]) }
                return linear(powers, scores, weights, exponent)
            }
            var low = exponent(max(0, best - 1))
            var high = exponent(min(Self.steps, best + 1))
            let golden = (5.0.squareRoot() - 1) / 2
            var left = high - golden * (high - low)
            var right = low + golden * (high - low)
            var losses = (left: solved(left).loss, right: solved(right).loss)
            for _ in 0..<refinements {
                if losses.left <= losses.right {
                    high = right
                    right = left
                    losses.right = losses.left
                    left = high - golden * (high - low)
                    losses.left = solved(left).loss
                } else {
                    low = left
                    left = right
                    losses.left = losses.right
                    right = low + golden * (high - low)
                    losses.right = solved(right).loss
                }
            }
            let refined = solved((low + high) / 2)
            return refined.loss <= least ? refined.law : solved(exponent(best)).law
        }

        /// The best a and b for given powers x = n^(−c), by weighted least squares under their constraints.
        private func linear(
            _ powers: ArraySlice<Double>, _ scores: [Double], _ weights: [Double], _ exponent: Double
        ) -> (law: PowerLaw, loss: Double) {
            let first = powers.startIndex
            var sums = (w: 0.0, x: 0.0, y: 0.0, xx: 0.0, xy: 0.0)
            for index in scores.indices {
                let (w, x, y) = (weights[index], powers[first + index], scores[index])
                sums = (sums.w + w, sums.x + w * x, sums.y + w * y, sums.xx + w * x * x, sums.xy + w * x * y)
            }
            let determinant = sums.w * sums.xx - sums.x * sums.x
            var reach = determinant > 0 ? max(0, (sums.x * sums.y - sums.w * sums.xy) / determinant) : 0
            var ceiling = (sums.y + reach * sums.x) / sums.w
            if ceiling > 1 {
                ceiling = 1
                reach = max(0, (sums.x - sums.xy) / sums.xx)
            }
            var loss = 0.0
            for index in scores.indices {
                let residual = scores[index] - ceiling + reach * powers[first + index]
                loss += weights[index] * residual * residual
            }
            return (PowerLaw(ceiling: ceiling, reach: reach, exponent: exponent), loss)
        }
    }

    /// A binomial rate: exact up to 200 trials, by the normal distribution above.
    private static func drawnRate(_ rate: Double, count: Int, using random: inout SplitMix64) -> Double {
        func uniform() -> Double { (Double(random.next() >> 11) + 0.5) / 9_007_199_254_740_992 }
        if count <= 200 {
            var hits = 0
            for _ in 0..<count where uniform() < rate { hits += 1 }
            return Double(hits) / Double(count)
        }
        // Box and Muller 1958.
        let normal = (-2 * log(uniform())).squareRoot() * cos(2 * Double.pi * uniform())
        return min(1, max(0, rate + normal * (rate * (1 - rate) / Double(count)).squareRoot()))
    }
}
