import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation
import Glibc

extension Scenario {
    /// SIGSTOP for longer than the lease, then SIGCONT: the daemon goes on with work that is another's by now.
    static let stop = Scenario(
        name: "stop", about: "SIGSTOP past the lease, then SIGCONT",
        faults: { run in
            let stops = run.plan.isQuick ? 6 : 60
            var random = SplitMix64(seed: run.plan.seed)
            let start = ContinuousClock.now
            for number in 1...stops {
                let victim = run.daemon(&random)
                let from = Date()
                victim.signal(SIGSTOP)
                try await Task.sleep(for: .seconds(1.5 + 1.5 * random.nextUnit()))
                victim.signal(SIGCONT)
                // It may take a moment until it knows that it has lost its work.
                run.arena.faults.note(.stalled, daemon: victim.number, from: from, to: Date().addingTimeInterval(1))
                try await Task.sleep(for: .seconds(0.5 * random.nextUnit()))
                if number % 5 == 0 { run.say(Progress.rate(number, of: stops, "stops", since: start)) }
            }
            return [run.figure("stops", stops, "SIGSTOPs")]
        })
}
