import FledgeCore
import Testing

@Suite("Bounds of whole groups")
struct BootstrapTests {
    private static func expect(
        _ bounds: Bounds, _ lower: Double, _ upper: Double, within tolerance: Double = 1e-9,
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(
            abs(bounds.lower - lower) < tolerance && abs(bounds.upper - upper) < tolerance, "\(bounds)",
            sourceLocation: location)
    }

    @Test("few groups have SciPy's bounds of Student's t")
    func student() {
        let groups = (1...10).map { [Double($0)] }
        Self.expect(Bootstrap().mean(groups: groups, alpha: 0.05), 3.7449279866962, 7.2550720133038)
        Self.expect(Bootstrap().mean(groups: groups, alpha: 0.025), 3.334149410331831, 7.665850589668169)
        // A ratio of sums: Cochran's equation 6.13 with NumPy.
        let parts: [(numerator: Double, denominator: Double)] = [
            (3, 4), (1, 2), (4, 4), (1, 3), (5, 6), (9, 9), (2, 5), (6, 7),
        ]
        Self.expect(Bootstrap().ratio(parts, alpha: 0.05), 0.6074647925600151, 0.942535207439985)
        let influences = [0.1, -0.2, 0.05, 0.15, -0.1]
        Self.expect(
            Bootstrap().bounds(of: 0.5, influences: influences, alpha: 0.05) { _ in 0 }, -0.19489703484721166,
            1.1948970348472117)
    }

    @Test("two groups bound something, one nothing, and no denominator nothing")
    func fewest() {
        // t with one degree of freedom exceeds 6.313751514675043 in one case of twenty.
        Self.expect(Bootstrap().mean(groups: [[0], [1]], alpha: 0.05), -2.6568757573375215, 3.6568757573375215)
        let nothing = Bounds(lower: -.infinity, upper: .infinity)
        #expect(Bootstrap().ratio([(1, 1)], alpha: 0.05) == nothing && Bootstrap().ratio([], alpha: 0.05) == nothing)
        #expect(Bootstrap().ratio([(1, 0), (1, 0)], alpha: 0.05) == nothing)
        #expect(Bootstrap().bounds(of: 1, influences: [1], alpha: 0.05) { _ in 0 } == nothing)
        Self.expect(
            Bootstrap().bounds(of: 0, influences: [0.25, -0.25], alpha: 0.05) { _ in 9 }, -3.1568757573375215,
            3.1568757573375215)
    }

    @Test(
        "groups are drawn anew where they are thirty to five thousand",
        arguments: [(2, false), (29, false), (30, true), (5000, true), (5001, false)])
    func method(groups: Int, isDrawn: Bool) {
        #expect(Bootstrap.method(groups: groups) == (isDrawn ? "bootstrap" : "Student's t"))
        // A statistic that knows how often it was asked.
        var asked = 0
        _ = Bootstrap(resamples: 40).bounds(
            of: 0, influences: [Double](repeating: 0, count: groups), alpha: 0.05
        ) { drawn in
            asked += 1
            return drawn.count == groups && drawn.allSatisfy((0..<groups).contains) ? 0 : .nan
        }
        #expect(asked == (isDrawn ? 40 : 0))
    }

    @Test(
        "as many of the drawn values lie beyond each bound as the error rate says",
        arguments: [(0.05, 5, 94), (0.025, 2, 97), (0.1, 10, 89)])
    func percentiles(alpha: Double, lower: Double, upper: Double) {
        // The values 0 to 99, in an order that is not theirs.
        var last = 7.0
        let bounds = Bootstrap(resamples: 100).bounds(
            of: 50, influences: [Double](repeating: 0, count: 30), alpha: alpha
        ) { _ in
            last = (last + 37).truncatingRemainder(dividingBy: 100)
            return last
        }
        #expect(bounds == Bounds(lower: lower, upper: upper))
    }

    @Test("drawn means are about as wide as the normal distribution says")
    func normal() {
        let groups = (0..<400).map { [Double($0 % 3)] }
        let bounds = Bootstrap(resamples: 4000, seed: 2).mean(groups: groups, alpha: 0.05)
        // The mean 0.9975, its standard error 0.81675 / 20, and 1.6449 of these.
        Self.expect(bounds, 0.9975 - 0.06717, 0.9975 + 0.06717, within: 0.006)
    }

    @Test("the p-value of a mean above zero is that of Student's test, or the share that was drawn")
    func aboveZero() {
        let values = [0.3, -0.1, 0.4, 0.2, -0.2, 0.5, 0.1]
        #expect(abs(Bootstrap().pAboveZero(groups: values.map { [$0] }) - 0.06362329493186039) < 1e-9)
        #expect(abs(Bootstrap().pAboveZero(groups: values.map { [-$0] }) - 0.9363767050681396) < 1e-9)
        // What a group's values come to is one value.
        #expect(
            abs(Bootstrap().pAboveZero(groups: [[0.1, 0.1], [0.6], [-0.2], [0.5, 0.1]]) - 0.10758497128477501) < 1e-9)
        #expect(Bootstrap().pAboveZero(groups: []) == 1 && Bootstrap().pAboveZero(groups: [[5]]) == 1)
        #expect(Bootstrap().pAboveZero(groups: [[1], [1]]) == 0.25 && Bootstrap().pAboveZero(groups: [[0], [0]]) == 1)
        let drawn = Bootstrap(resamples: 99)
        #expect(drawn.pAboveZero(groups: [[Double]](repeating: [1], count: 30)) == 0.01)
        #expect(drawn.pAboveZero(groups: [[Double]](repeating: [0], count: 30)) == 1)
        #expect(drawn.pAboveZero(groups: [[Double]](repeating: [-1], count: 30)) == 1)
    }
}
