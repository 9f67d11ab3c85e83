import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation

extension Scenario {
    /// SIGKILL at random moments of a daemon's life, its start included.
    static let kill = Scenario(
        name: "kill", about: "SIGKILL at random, again and again",
        settings: { _ in Arena.Settings() },
        faults: { run in
            let kills = run.plan.kills ?? (run.plan.isQuick ? 30 : 1000)
            var random = SplitMix64(seed: run.plan.seed)
            let start = ContinuousClock.now
            var told = start
            for number in 1...kills {
                // A moment that is as likely as any other: 0.28 s on average, so that four daemons live about a second.
                let pause = -log(1 - random.nextUnit()) * 0.28
                let victim = run.daemon(&random)
                try await Task.sleep(for: .seconds(min(pause, 2)))
                await victim.kill()
                try await victim.start()
                if told.duration(to: .now) > .seconds(5) || number == kills {
                    told = .now
                    run.say(Progress.rate(number, of: kills, "kills", since: start))
                }
            }
            return [run.figure("kills", kills, "SIGKILLs", goal: .atLeast(Double(kills)))]
        })
}
