import FledgeCore
import Foundation
import Testing

@Suite("Rates that an imperfect judge measured")
struct CorrectedRateTests {
    private struct Reference: Decodable {
        var kappa: [[Double]]
        var corrected: [[Double]]
    }

    private let reference: Reference

    init() throws {
        let url = try #require(
            Bundle.module.url(forResource: "judges", withExtension: "json", subdirectory: "Resources"))
        reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
    }

    private static func matrix(_ row: [Double]) -> ConfusionMatrix {
        ConfusionMatrix(
            truePasses: Int(row[0]), falseFails: Int(row[1]), falsePasses: Int(row[2]), trueFails: Int(row[3]))
    }

    @Test("kappa and the bound on sensitivity + specificity − 1 equal the reference")
    func agreement() throws {
        #expect(reference.kappa.count == 10)
        for row in reference.kappa {
            let matrix = Self.matrix(row)
            #expect(abs(try #require(matrix.kappa) - row[4]) < 1e-9)
            #expect(abs(matrix.youdenLowerBound(alpha: 0.05) - row[5]) < 1e-8)
        }
    }

    @Test("kappa is that of the textbook example, and is nothing where chance alone agrees")
    func published() throws {
        // Two readers of 50 grant proposals: 20 and 15 in agreement, 5 and 10 not; κ = 0.40.
        let matrix = ConfusionMatrix(truePasses: 20, falseFails: 5, falsePasses: 10, trueFails: 15)
        #expect(abs(try #require(matrix.kappa) - 0.4) < 1e-12)
        #expect(ConfusionMatrix(truePasses: 7).kappa == nil)
        #expect(ConfusionMatrix().kappa == nil && ConfusionMatrix().agreement == nil)
    }

    @Test("a judge's rating is counted by what a person said of the same answer")
    func counted() {
        var matrix = ConfusionMatrix()
        for (person, judge, times) in [(true, true, 4), (true, false, 3), (false, true, 2), (false, false, 1)] {
            for _ in 0..<times { matrix.add(person: person, judge: judge) }
        }
        #expect(matrix == ConfusionMatrix(truePasses: 4, falseFails: 3, falsePasses: 2, trueFails: 1))
    }

    @Test("estimates and bounds equal the reference")
    func corrected() throws {
        #expect(reference.corrected.count == 30)
        for row in reference.corrected {
            let rate = try #require(
                CorrectedRate(passes: Int(row[4]), of: Int(row[5]), matrix: Self.matrix(row), alpha: row[6]))
            #expect(abs(rate.value - row[7]) < 1e-12)
            #expect(abs(rate.lower - row[8]) < 1e-8, "\(row)")
            #expect(abs(rate.upper - row[9]) < 1e-8, "\(row)")
            #expect(rate.lower <= rate.value && rate.value <= rate.upper)
        }
    }

    @Test("a judge without errors corrects nothing; a coin, or one kind of label alone, allows no correction")
    func limits() throws {
        let perfect = ConfusionMatrix(truePasses: 4000, trueFails: 4000)
        let rate = try #require(CorrectedRate(passes: 80, of: 100, matrix: perfect, alpha: 0.05))
        let exact = Bounds.clopperPearson(successes: 80, trials: 100, alpha: 0.05)
        #expect(rate.value == 0.8 && rate.raw == 0.8 && rate.fits)
        #expect(abs(rate.lower - exact.lower) < 0.002 && abs(rate.upper - exact.upper) < 0.002)
        let coin = ConfusionMatrix(truePasses: 50, falseFails: 50, falsePasses: 50, trueFails: 50)
        #expect(CorrectedRate(passes: 80, of: 100, matrix: coin, alpha: 0.05) == nil)
        #expect(CorrectedRate(passes: 80, of: 100, matrix: ConfusionMatrix(truePasses: 60), alpha: 0.05) == nil)
        #expect(CorrectedRate(passes: 0, of: 0, matrix: perfect, alpha: 0.05) == nil)
    }

    @Test("a share that the judge's errors cannot explain does not fit")
    func misfit() throws {
        // It passed 70 of 100 good answers, and now passes everything.
        let matrix = ConfusionMatrix(truePasses: 70, falseFails: 30, falsePasses: 5, trueFails: 95)
        let all = try #require(CorrectedRate(passes: 300, of: 300, matrix: matrix, alpha: 0.05))
        #expect(!all.fits && all.lower == 1)
        let none = try #require(CorrectedRate(passes: 0, of: 300, matrix: matrix, alpha: 0.05))
        #expect(none.upper < 0.2)
    }

    /// Rate, sensitivity, specificity, labels, answers: from a good judge on many labels to a poor one on few.
    static let settings: [(Double, Double, Double, Int, Int)] = [
        (0.5, 0.98, 0.6, 50, 500), (0.8, 0.7, 0.95, 50, 200), (0.8, 0.9, 0.8, 50, 200), (0.7, 0.8, 0.8, 100, 100),
        (0.9, 0.9, 0.9, 150, 300), (0.6, 0.7, 0.6, 300, 500),
    ]

    @Test("each side is wrong no more often than stated", arguments: settings)
    func coverage(rate: Double, sensitivity: Double, specificity: Double, labels: Int, answers: Int) {
        var random = SplitMix64(seed: 11)
        let alpha = 0.05
        let runs = 1500
        var low = 0
        var high = 0
        var judged = 0
        while judged < runs {
            func draw(_ probability: Double) -> Bool { Double(random.next() >> 11) * 0x1p-53 < probability }
            var matrix = ConfusionMatrix()
            for _ in 0..<labels {
                let person = draw(rate)
                matrix.add(person: person, judge: draw(person ? sensitivity : 1 - specificity))
            }
            guard matrix.passes >= 10, matrix.fails >= 10 else { continue }
            judged += 1
            let passes = (0..<answers).count { _ in draw(draw(rate) ? sensitivity : 1 - specificity) }
            guard let found = CorrectedRate(passes: passes, of: answers, matrix: matrix, alpha: alpha) else { continue }
            if found.lower > rate { low += 1 }
            if found.upper < rate { high += 1 }
        }
        // Three standard errors of the simulation itself.
        let allowed = Double(runs) * alpha + 3 * (Double(runs) * alpha * (1 - alpha)).squareRoot()
        #expect(Double(low) <= allowed)
        #expect(Double(high) <= allowed)
    }
}
