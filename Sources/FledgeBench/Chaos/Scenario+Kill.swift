import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation

extension Scenario {
    /// SIGKILL at random moments of a daemon's life, its start included: mostly of one, now and then of several at once.
    static let kill = Scenario(
        name: "kill", about: "SIGKILL at random, again and again, of one daemon or of several at once",
        settings: { _ in Arena.Settings() },
        faults: { run in
            let kills = run.plan.kills ?? (run.plan.isQuick ? 30 : 1000)
            var random = SplitMix64(seed: run.plan.seed)
            let start = ContinuousClock.now
            var told = start
            var killed = 0
            var everybody = 0
            while killed < kills {
                // A moment that is as likely as any other: 0.32 s on average, so that four daemons live about a second.
                let pause = -log(1 - random.nextUnit()) * 0.32
                let victims = Array(run.victims(&random).prefix(kills - killed))
                try await Task.sleep(for: .seconds(min(pause, 2)))
                await withTaskGroup(of: Void.self) { group in
                    for victim in victims { group.addTask { await victim.kill() } }
                }
                for victim in victims { try await victim.start() }
                killed += victims.count
                if victims.count == run.arena.daemons.count { everybody += 1 }
                if told.duration(to: .now) > .seconds(5) || killed == kills {
                    told = .now
                    run.say(Progress.rate(killed, of: kills, "kills", since: start))
                }
            }
            return [
                run.figure("kills", killed, "SIGKILLs"),
                run.figure("times that all daemons were killed at once", everybody, "times"),
            ]
        })
}

extension ScenarioRun {
    /// One daemon seven times out of ten; otherwise two of them or, one time out of ten, all.
    fileprivate func victims(_ random: inout SplitMix64) -> [DaemonSlot] {
        let chance = random.nextUnit()
        let count = chance < 0.7 ? 1 : chance < 0.9 ? 2 : arena.daemons.count
        return Array(arena.daemons.shuffled(using: &random).prefix(count))
    }
}
