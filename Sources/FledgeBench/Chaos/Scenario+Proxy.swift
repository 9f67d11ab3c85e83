import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation

extension Scenario {
    /// A COMMIT, and its answer, broken after each of their bytes.
    static let proxy = Scenario(
        name: "proxy",
        about: "a proxy that cuts, darkens or delays a connection at each byte of a COMMIT and its answer",
        settings: { _ in
            var settings = Arena.Settings()
            settings.way = .faultProxy
            return settings
        },
        faults: { run in
            guard let proxy = run.arena.proxy else { return [] }
            var plan: [FaultProxy.Fault] = []
            for direction in FaultProxy.Direction.allCases {
                for offset in 0...direction.length where !run.plan.isQuick || offset % 6 == 0 {
                    plan.append(.init(direction, offset: offset, .cut))
                    plan.append(.init(direction, offset: offset, .hole(seconds: 2)))
                    plan.append(.init(direction, offset: offset, .delay(seconds: 0.5)))
                }
            }
            var random = SplitMix64(seed: run.plan.seed)
            plan.shuffle(using: &random)
            let start = ContinuousClock.now
            let lanes = run.arena.daemons.count
            let all = plan.count
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (lane, daemon) in run.arena.daemons.enumerated() {
                    let own = plan.enumerated().filter { $0.offset % lanes == lane }.map(\.element)
                    let port = run.arena.proxyPorts[lane]
                    group.addTask {
                        for fault in own {
                            let from = Date()
                            proxy.arm(fault, port: port)
                            let deadline = ContinuousClock.now + .seconds(20)
                            while proxy.isArmed(port: port), ContinuousClock.now < deadline {
                                try await Task.sleep(for: .milliseconds(10))
                            }
                            if !proxy.isArmed(port: port) { run.arena.faults.count("struck") }
                            try await Task.sleep(for: .seconds(fault.mode == .cut ? 0.2 : 2.2))
                            run.arena.faults.note(
                                .stalled, daemon: daemon.number, from: from, to: Date().addingTimeInterval(1))
                            let struck = run.arena.faults.counted("struck")
                            if struck % 16 == 0 { run.say(Progress.rate(struck, of: all, "faults", since: start)) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            return [
                run.figure("broken commits", run.arena.faults.counted("struck"), "COMMITs", goal: .atLeast(Double(all)))
            ]
        })
}
