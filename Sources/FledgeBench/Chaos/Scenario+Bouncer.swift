import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation

extension Scenario {
    /// All sessions through a pool that lends a server's session for one transaction at a time.
    static let bouncer = Scenario(
        name: "bouncer", about: "through pgbouncer in transaction mode, with kills",
        settings: { _ in
            var settings = Arena.Settings()
            settings.way = .bouncer
            return settings
        },
        faults: { run in
            let kills = run.plan.isQuick ? 6 : 60
            var random = SplitMix64(seed: run.plan.seed)
            let start = ContinuousClock.now
            for number in 1...kills {
                try await Task.sleep(for: .seconds(random.nextUnit()))
                let victim = run.daemon(&random)
                await victim.kill()
                try await victim.start()
                if number % 10 == 0 { run.say(Progress.rate(number, of: kills, "kills", since: start)) }
            }
            return [run.figure("kills", kills, "SIGKILLs")]
        })
}
