import FledgeCore
import FledgeDocument
import Foundation
import Testing

@Suite("Batch sizes and weight decays of a sweep")
struct SweepSettingTests {
    private static let before = SweepDefinition(
        ranks: [4, 8, 16], learningRates: [1e-4, 1e-3], dropouts: [0, 0.1], epochs: [1, 2, 3],
        layers: [.all, .upperHalf])

    @Test("without them, the settings are those of before, in the same order", arguments: [6, 20, 72, 100], [1, 2, 3])
    func drawnAsBefore(limit: Int, seed: UInt64) {
        let sweep = Self.before
        var random = SplitMix64(seed: seed)
        var places = Array(0..<72).shuffled(using: &random)
        if limit < 72 {
            random = SplitMix64(seed: seed)
            places = []
            while places.count < limit {
                let place = Int(random.next(below: 72))
                if !places.contains(place) { places.append(place) }
            }
        }
        let expected = places.map { place in
            TrialSetting(
                rank: sweep.ranks[place % 3], learningRate: sweep.learningRates[place / 3 % 2],
                dropout: sweep.dropouts[place / 6 % 2], epochs: sweep.epochs[place / 12 % 3],
                layers: sweep.layers[place / 36])
        }
        // A dropout of 0.05 is not among those to try: the definition's own setting is not put first.
        let space = SweepSpace(sweep, base: LoRADefinition())
        #expect(space.count == 72)
        #expect(space.settings(atMost: limit, seed: seed) == expected)
        var empty = sweep
        empty.batchSizes = []
        empty.weightDecays = []
        #expect(SweepSpace(empty, base: LoRADefinition()) == space)
    }

    @Test("they widen the grid, and the definition's own values come first where they are named")
    func grid() throws {
        let base = LoRADefinition(batchSize: 16, weightDecay: 0.1)
        var sweep = SweepDefinition(ranks: [4, 8], batchSizes: [8, 16, 32])
        let settings = SweepSpace(sweep, base: base).settings(atMost: 100, seed: 1)
        #expect(settings.count == 6 && Set(settings).count == 6)
        #expect(Set(settings.map(\.batchSize)) == [8, 16, 32] && settings.allSatisfy { $0.weightDecay == nil })
        #expect(settings[0].rank == 8 && settings[0].batchSize == 16)
        sweep.weightDecays = [0, 0.1]
        let wider = SweepSpace(sweep, base: base).settings(atMost: 100, seed: 1)
        #expect(wider.count == 12 && wider[0].batchSize == 16 && wider[0].weightDecay == 0.1)

        let first = try #require(settings.first).applied(to: base, seed: 7)
        #expect(first.batchSize == 16 && first.weightDecay == 0.1 && first.seed == 7)
        let other = try #require(wider.first { $0.batchSize == 32 && $0.weightDecay == 0 }).applied(to: base, seed: 1)
        #expect(other.batchSize == 32 && other.weightDecay == 0)
    }

    @Test("a definition and a setting without them are written as before, and what was stored is read")
    func stored() throws {
        #expect(!CanonicalJSON.text(of: Self.before).contains("batchSizes"))
        #expect(!CanonicalJSON.text(of: Self.before).contains("weightDecays"))
        let setting = TrialSetting(LoRADefinition())
        let text = #"{"dropout":0.05,"epochs":3,"layers":"all","learningRate":0.001,"rank":8}"#
        #expect(CanonicalJSON.text(of: setting) == text)
        #expect(try JSONDecoder().decode(TrialSetting.self, from: Data(text.utf8)) == setting)
        let sweep = """
            {"dropouts":[],"epochs":[],"folds":5,"foldsBelow":500,"layers":[],"learningRates":[0.001],"ranks":[4,8],\
            "reduction":3,"seed":1,"seeds":[],"trials":12}
            """
        let read = try JSONDecoder().decode(SweepDefinition.self, from: Data(sweep.utf8))
        #expect(read == SweepDefinition(ranks: [4, 8], learningRates: [1e-3]))
        #expect(CanonicalJSON.text(of: read) == sweep)
    }

    @Test("a setting says them where the sweep names them")
    func words() {
        var setting = TrialSetting(LoRADefinition())
        let plain = "rank 8, learning rate 0.001, dropout 0.05, 3 epochs, all layers"
        #expect(setting.words == plain)
        setting.batchSize = 16
        setting.weightDecay = 0.1
        #expect(setting.words == plain + ", batches of 16, weight decay 0.1")
    }
}
