import FledgeCore
import Foundation
import Testing

@Suite struct LearningCurveTests {
    private struct Reference: Decodable {
        var points: [[Double]]
        /// Ceiling, reach, exponent.
        var law: [Double]
        var loss: Double
        var at1000: Double

        var curve: [LearningCurvePoint] {
            points.map { LearningCurvePoint(examples: Int($0[0]), score: $0[1], count: Int($0[2])) }
        }

        static func load() throws -> [String: Reference] {
            let url = try #require(
                Bundle.module.url(forResource: "learning-curves", withExtension: "json", subdirectory: "Resources"))
            return try JSONDecoder().decode([String: Reference].self, from: Data(contentsOf: url))
        }
    }

    /// The weighted squared error of a law, as LearningCurve states its weights.
    private static func loss(_ law: LearningCurve.PowerLaw, _ points: [LearningCurvePoint]) -> Double {
        points.reduce(0) { sum, point in
            let count = Double(point.count)
            let smoothed = (count * point.score + 1) / (count + 2)
            let residual = point.score - law.ceiling + law.reach * pow(Double(point.examples), -law.exponent)
            return sum + count / (smoothed * (1 - smoothed)) * residual * residual
        }
    }

    @Test("the fitted law is the least-squares law that SciPy finds")
    func fits() throws {
        let references = try Reference.load()
        #expect(references.count >= 6)
        for (name, reference) in references {
            let law = LearningCurve.fit(reference.curve)
            #expect(Self.loss(law, reference.curve) <= reference.loss + 1e-6 * (1 + reference.loss), "\(name)")
            // Where the data hold it, the law itself is the same; a flat curve has many.
            if name != "flat" {
                #expect(abs(law.score(at: 1000) - reference.at1000) < 2e-3, "\(name): \(law), \(reference.law)")
            }
        }
    }

    @Test("points without noise give back the law that made them")
    func recovers() throws {
        let law = LearningCurve.PowerLaw(ceiling: 0.85, reach: 1.2, exponent: 0.4)
        let points = [50, 100, 200, 400, 800].map {
            LearningCurvePoint(examples: $0, score: law.score(at: $0), count: 500)
        }
        let fitted = try #require(LearningCurve(points)).fitted
        #expect(abs(fitted.ceiling - law.ceiling) < 1e-3)
        #expect(abs(fitted.reach - law.reach) < 1e-2)
        #expect(abs(fitted.exponent - law.exponent) < 1e-2)
    }

    @Test(
        "a law is found wherever its exponent lies, the ends included",
        arguments: [0.01, 0.02, 0.035, 0.05, 0.3, 0.96, 0.98, 0.995, 1])
    func exponents(_ exponent: Double) throws {
        let law = LearningCurve.PowerLaw(ceiling: 0.9, reach: 0.8, exponent: exponent)
        let points = [10, 50, 100, 200, 400, 800, 5000].map {
            LearningCurvePoint(examples: $0, score: law.score(at: $0), count: 500)
        }
        let fitted = LearningCurve.fit(points)
        #expect(Self.loss(fitted, points) < 1e-6)
        #expect(abs(fitted.exponent - exponent) < 1e-3)
    }

    @Test("a ceiling above what a score can be is held to one, and scores to zero and one")
    func held() {
        let law = LearningCurve.PowerLaw(ceiling: 1.1, reach: 1, exponent: 0.5)
        let fitted = LearningCurve.fit(
            [4, 16, 64].map { LearningCurvePoint(examples: $0, score: law.score(at: $0), count: 100) })
        #expect(fitted.ceiling <= 1)
        #expect(law.score(at: 1_000_000) == 1 && law.score(at: 1) == law.score(at: 0))
        #expect(LearningCurve.PowerLaw(ceiling: 0.5, reach: 0.9, exponent: 0.5).score(at: 1) == 0)
        let level = LearningCurve.PowerLaw(ceiling: 0.5, reach: 0, exponent: 0.5)
        #expect(level.examplesNeeded(for: 0.5) == 1 && level.examplesNeeded(for: 0.4) == 1)
        // (0.1 / 0.0126)^10 = 991,504,179, and (0.1 / 0.01258)^10 = 1,007,380,614: more than a billion.
        let slow = LearningCurve.PowerLaw(ceiling: 0.6, reach: 0.1, exponent: 0.1)
        #expect(abs((slow.examplesNeeded(for: 0.5874) ?? 0) - 991_504_179) < 10)
        #expect(slow.examplesNeeded(for: 0.58742) == nil)
    }

    @Test("the interval holds what all drawn curves reach where no error is allowed, and turns over where all are")
    func allOfThem() throws {
        let points = [(50, 0.52), (150, 0.67), (300, 0.74)].map {
            LearningCurvePoint(examples: $0.0, score: $0.1, count: 100)
        }
        let curve = try #require(LearningCurve(points))
        let (widest, none) = (curve.projection(at: 600, alpha: 0).bounds, curve.projection(at: 600, alpha: 1).bounds)
        #expect(none == Bounds(lower: widest.upper, upper: widest.lower))
        let (sure, wide) = (curve.examplesNeeded(for: 0.7, alpha: 0), curve.examplesNeeded(for: 0.7, alpha: 1))
        #expect(sure.optimistic == wide.cautious && sure.cautious == wide.optimistic)
        #expect((sure.optimistic ?? .max) < (sure.expected ?? 0) && (sure.expected ?? .max) < (sure.cautious ?? .max))
    }

    @Test("the size for a bar is the first at which the law reaches it", arguments: [0.5, 0.6, 0.7, 0.8, 0.849])
    func size(_ bar: Double) throws {
        let law = LearningCurve.PowerLaw(ceiling: 0.85, reach: 1.2, exponent: 0.4)
        let needed = try #require(law.examplesNeeded(for: bar))
        #expect(law.score(at: needed) >= bar - 1e-12)
        #expect(needed == 1 || law.score(at: needed - 1) < bar)
        #expect(law.examplesNeeded(for: 0.85) == nil)
    }

    @Test("the interval holds the score of a size that was not tried about as often as it says")
    func covers() throws {
        let law = LearningCurve.PowerLaw(ceiling: 0.9, reach: 1.6, exponent: 0.45)
        var random = SplitMix64(seed: 7)
        let runs = 120
        var below = 0
        var above = 0
        for _ in 0..<runs {
            let points = [50, 100, 200, 400].map { size in
                let hits = (0..<150).count { _ in Double.random(in: 0..<1, using: &random) < law.score(at: size) }
                return LearningCurvePoint(examples: size, score: Double(hits) / 150, count: 150)
            }
            let projected = try #require(LearningCurve(points, seed: 3)).projection(at: 800, alpha: 0.1)
            if law.score(at: 800) < projected.bounds.lower { below += 1 }
            if law.score(at: 800) > projected.bounds.upper { above += 1 }
        }
        // Nominally 0.1 a side; a bootstrap under constraints is only about right, so the test is for the order.
        #expect(Double(below) / Double(runs) < 0.2 && Double(above) / Double(runs) < 0.2, "\(below), \(above)")
    }

    @Test("the same points and seed give the same projection, more of them a narrower one")
    func projects() throws {
        let points = [(50, 0.52), (150, 0.67), (300, 0.74)].map {
            LearningCurvePoint(examples: $0.0, score: $0.1, count: 100)
        }
        let first = try #require(LearningCurve(points, seed: 5)).projection(at: 600)
        let second = try #require(LearningCurve(points, seed: 5)).projection(at: 600)
        #expect(first.bounds == second.bounds)
        #expect(first.bounds.lower <= first.score && first.score <= first.bounds.upper)
        let surer = try #require(
            LearningCurve(points.map { LearningCurvePoint(examples: $0.examples, score: $0.score, count: 10_000) })
        ).projection(at: 600)
        #expect(surer.bounds.upper - surer.bounds.lower < first.bounds.upper - first.bounds.lower)
    }

    @Test("the same points give the same curve in whatever order they come")
    func order() throws {
        let points = [(50, 0.6), (50, 0.5), (100, 0.66), (100, 0.7), (200, 0.74)].map {
            LearningCurvePoint(examples: $0.0, score: $0.1, count: 100)
        }
        let (one, other) = (try #require(LearningCurve(points)), try #require(LearningCurve(points.reversed())))
        #expect(one.points == other.points)
        #expect(one.projection(at: 600).bounds == other.projection(at: 600).bounds)
    }

    @Test("two sizes are too few for a curve, and impossible points are left out")
    func tooFew() {
        let point = LearningCurvePoint(examples: 50, score: 0.5, count: 100)
        let other = LearningCurvePoint(examples: 100, score: 0.6, count: 100)
        #expect(LearningCurve([point, point, other]) == nil)
        #expect(LearningCurve([point, other, LearningCurvePoint(examples: 200, score: .nan, count: 100)]) == nil)
        #expect(LearningCurve([point, other, LearningCurvePoint(examples: 200, score: 0.7, count: 0)]) == nil)
    }

    @Test("what is needed for a bar above every drawn ceiling is not known")
    func outOfReach() throws {
        let flat = [50, 100, 200, 400].map { LearningCurvePoint(examples: $0, score: 0.6, count: 2_000) }
        let needed = try #require(LearningCurve(flat)).examplesNeeded(for: 0.95)
        #expect(needed.expected == nil && needed.cautious == nil)
    }
}
