import FledgeCore
import FledgeDocument
import Testing

@Suite("Hours of training that are reckoned with")
struct ReckonedTrainingTests {
    private static func seconds(_ sweep: SweepDefinition?) -> Double {
        FineTuneDefinition(limitSeconds: 600, sweep: sweep)
            .reckonedSeconds(costs: CostsDefinition(perTrainingHourMicroDollars: 3_600_000))
    }

    @Test("the trials of a sweep are paid for as well as the adapter, as far as their limits let them go")
    func sweeps() {
        #expect(Self.seconds(nil) == 600)
        #expect(Self.seconds(SweepDefinition(trials: 12)) == 600 + 12 * 600)
        #expect(Self.seconds(SweepDefinition(trials: 4, seeds: [1, 2])) == 600 + 8 * 600)
        #expect(Self.seconds(SweepDefinition(trials: 12, limitSeconds: 900)) == 600 + 900)
        #expect(Self.seconds(SweepDefinition(trials: 12, costMicroDollars: 300_000)) == 600 + 300)
        #expect(Self.seconds(SweepDefinition(trials: 1, limitSeconds: 90_000)) == 600 + 600)
    }
}
