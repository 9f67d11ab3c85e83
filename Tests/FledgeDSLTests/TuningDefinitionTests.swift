import FledgeCore
import FledgeDSL
import FledgeDocument
import Foundation
import Testing

@Suite struct TuningDefinitionTests {
    private let useCase = UseCase("tuned") {
        FineTune {
            LoRA()
            Sweep {
                Rank(4, 8, 16)
                LearningRate(5e-4, 1e-3, 2e-3)
                Dropout(0, 0.1)
                Epochs(1, 3)
                Layers(.all, .upperHalf)
                BatchSize(8, 16)
                WeightDecay(0, 0.01)
                Trials(atMost: 9, keepingOneIn: 4, seed: 3)
                Seeds(1, 2)
                Folds(4, below: 300)
                Limit(.minutes(60))
                Cost(atMost: .dollars(5))
            }
            Pilot(sizes: 50, 100, 200, seeds: [1, 2])
        }
    }

    @Test("a sweep and a pilot lower to what they say, and read back")
    func lowers() throws {
        let fineTune = try #require(useCase.document.useCase.fineTune)
        #expect(
            fineTune.sweep
                == SweepDefinition(
                    ranks: [4, 8, 16], learningRates: [5e-4, 1e-3, 2e-3], dropouts: [0, 0.1], epochs: [1, 3],
                    layers: [.all, .upperHalf], batchSizes: [8, 16], weightDecays: [0, 0.01], trials: 9, seed: 3,
                    seeds: [1, 2], reduction: 4, folds: 4, foldsBelow: 300, limitSeconds: 3600,
                    costMicroDollars: 5_000_000))
        #expect(fineTune.pilot == PilotDefinition(sizes: [50, 100, 200], seeds: [1, 2]))
        #expect(fineTune.limitSeconds == FineTuneDefinition().limitSeconds)
        let text = useCase.document.canonicalJSON
        #expect(try JSONDecoder().decode(DefinitionDocument.self, from: Data(text.utf8)) == useCase.document)
    }

    @Test("a definition without them says nothing of them")
    func absent() {
        let text = CanonicalJSON.text(of: FineTuneDefinition())
        #expect(!text.contains("sweep") && !text.contains("pilot"))
        let sweep = CanonicalJSON.text(of: SweepDefinition(ranks: [4, 8]))
        #expect(!sweep.contains("batchSizes") && !sweep.contains("weightDecays"))
    }

    @Test("a change of either has a line of its own")
    func differs() {
        let old = useCase.document.useCase
        var new = old
        new.fineTune?.pilot?.sizes = [50, 100]
        #expect(
            DefinitionDiff.changes(from: old, to: new)
                == ["pilot: sizes 50, 100, 200, seeds 1, 2 → sizes 50, 100, seeds 1, 2"])
        new.fineTune?.pilot = nil
        new.fineTune?.sweep?.ranks = [4]
        let changes = DefinitionDiff.changes(from: old, to: new)
        #expect(changes.count == 2 && changes[0].hasPrefix("sweep: ") && changes[1].hasPrefix("pilot removed"))
    }
}
