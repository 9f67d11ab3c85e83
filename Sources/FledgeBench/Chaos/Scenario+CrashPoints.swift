import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc

extension Scenario {
    /// Every daemon's life ends, or is held up past its lease, at one named place of the code; the next one of its place is
    /// meant for another.
    static let crashPoints = Scenario(
        name: "crash-points",
        about: "SIGKILL and SIGSTOP at named places: around a claim, a COMMIT, a submission, a write",
        faults: { run in
            let rounds = run.plan.isQuick ? 1 : 12
            // The one place where a daemon that has lost its work may do harm outside of the database.
            let stops: [CrashPoint] = run.plan.isQuick ? [.beforeSubmission] : CrashPoint.allCases
            let visits = CrashPoint.allCases.map { Visit(point: $0) } + stops.map { Visit(point: $0, isStop: true) }
            var random = SplitMix64(seed: run.plan.seed)
            var plans: [[(visit: Visit, count: UInt64)]] = Array(repeating: [], count: run.arena.daemons.count)
            for round in 0..<rounds {
                for (index, visit) in visits.enumerated() {
                    plans[(index + round) % plans.count].append((visit, 1 + random.next(below: 3)))
                }
            }
            let all = rounds * visits.count
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (daemon, plan) in zip(run.arena.daemons, plans) {
                    group.addTask {
                        await daemon.kill()
                        for (visit, count) in plan {
                            daemon.set(RehearsalVariable.crashPoint, visit.order(count))
                            try await daemon.start()
                            if try await run.sees(visit, by: daemon) {
                                run.arena.faults.count(visit.name)
                                run.arena.faults.count("all")
                            }
                            if daemon.isRunning { await daemon.kill() }
                            let struck = run.arena.faults.counted("all")
                            if struck % 20 == 0 {
                                run.say(Progress.rate(struck, of: all, "crash points", since: start))
                            }
                        }
                        daemon.set(RehearsalVariable.crashPoint, nil)
                        try await daemon.start()
                    }
                }
                try await group.waitForAll()
            }
            // A place that nobody comes by is a place that is not tested.
            return visits.map { visit in
                run.figure(
                    visit.name, run.arena.faults.counted(visit.name), visit.isStop ? "SIGSTOPs" : "SIGKILLs",
                    goal: .atLeast(1))
            }
        })

    fileprivate struct Visit: Sendable {
        var point: CrashPoint
        var isStop = false

        var name: String { "\(isStop ? "held up" : "killed") at \(point.rawValue)" }
        /// For a daemon that is to be struck at its n-th arrival.
        func order(_ count: UInt64) -> String { "\(point.rawValue):\(count)\(isStop ? ":stop" : "")" }
    }
}

extension ScenarioRun {
    private static let limit = Duration.seconds(20)

    /// - Returns: false when the daemon has not come by.
    fileprivate func sees(_ visit: Scenario.Visit, by daemon: DaemonSlot) async throws -> Bool {
        guard visit.isStop else { return await daemon.waitForOwnEnd(within: Self.limit) }
        let from = Date()
        guard await daemon.isHeldUp(within: Self.limit) else { return false }
        try await Task.sleep(for: .seconds(2))
        daemon.signal(SIGCONT)
        // It may take a moment until it knows that it has lost its work.
        try await Task.sleep(for: .seconds(1))
        arena.faults.note(.stalled, daemon: daemon.number, from: from, to: Date().addingTimeInterval(1))
        return true
    }
}
