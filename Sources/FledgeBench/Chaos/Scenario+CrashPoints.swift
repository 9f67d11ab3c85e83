import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation

extension Scenario {
    /// Every daemon's life ends at one named place of the code; the next one of its place is meant for another.
    static let crashPoints = Scenario(
        name: "crash-points", about: "SIGKILL at named places: around a claim, a COMMIT, a submission, a write",
        faults: { run in
            let rounds = run.plan.isQuick ? 1 : 12
            var random = SplitMix64(seed: run.plan.seed)
            var plans: [[(point: CrashPoint, count: UInt64)]] = Array(repeating: [], count: run.arena.daemons.count)
            for round in 0..<rounds {
                for (index, point) in CrashPoint.allCases.enumerated() {
                    plans[(index + round) % plans.count].append((point, 1 + random.next(below: 3)))
                }
            }
            let all = rounds * CrashPoint.allCases.count
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (daemon, plan) in zip(run.arena.daemons, plans) {
                    group.addTask {
                        await daemon.kill()
                        for (point, count) in plan {
                            daemon.set(CrashPoint.variable, "\(point.rawValue):\(count)")
                            try await daemon.start()
                            if await daemon.waitForOwnEnd(within: .seconds(20)) {
                                run.arena.faults.count(point.rawValue)
                                run.arena.faults.count("all")
                            } else {
                                await daemon.kill()
                            }
                            let struck = run.arena.faults.counted("all")
                            if struck % 20 == 0 {
                                run.say(Progress.rate(struck, of: all, "crash points", since: start))
                            }
                        }
                        daemon.set(CrashPoint.variable, nil)
                        try await daemon.start()
                    }
                }
                try await group.waitForAll()
            }
            // A place that nobody comes by is a place that is not tested.
            return CrashPoint.allCases.map { point in
                run.figure(
                    "killed at \(point.rawValue)", run.arena.faults.counted(point.rawValue), "SIGKILLs",
                    goal: .atLeast(1))
            }
        })
}
