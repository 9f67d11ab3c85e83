import FledgeCore
import FledgeDocument

extension Scenario {
    /// No fault at all: what becomes slower here does so with time or with what it has stored, and no fault is to blame.
    static let calm = Scenario(
        name: "calm", about: "no fault at all: whether time alone, or what is stored, slows it down",
        faults: { run in
            let window = Duration.seconds(run.plan.isQuick ? 10 : 30)
            var rates: [Double] = []
            for _ in 1...(run.plan.isQuick ? 3 : 10) {
                let start = ContinuousClock.now
                try await Task.sleep(for: window + .seconds(3))
                let rate = run.throughput.rate(over: window, since: start) ?? 0
                rates.append(rate)
                run.say("\(rate.formatted(decimals: 1)) transitions/s")
            }
            return [run.figure("slowest of \(rates.count) windows", rates.min() ?? 0, "transitions/s")]
        })
}
