import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation
import Glibc

extension Scenario {
    /// Daemons whose clocks are an hour fast and an hour slow, killed now and then: time is the database's.
    static let clocks = Scenario(
        name: "clocks", about: "daemons whose clocks are an hour off, both ways",
        faults: { run in
            let library = try fakeTimeLibrary()
            let shifts = ["+1h", "-1h", "+3600s", "+0"]
            for (index, daemon) in run.arena.daemons.enumerated() {
                await daemon.kill()
                daemon.set("LD_PRELOAD", library)
                daemon.set("FAKETIME", shifts[index % shifts.count])
                // The clock on the wall alone: a clock that is set does not change how long a second takes.
                daemon.set("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                try await daemon.start()
            }
            for daemon in run.arena.daemons where await !daemon.isReady(within: .seconds(60)) {
                throw FledgeError("chaos.not_ready", "daemon \(daemon.number) does not start with a shifted clock")
            }
            let before = run.throughput.transitions
            let kills = run.plan.isQuick ? 4 : 20
            var random = SplitMix64(seed: run.plan.seed)
            for _ in 1...kills {
                try await Task.sleep(for: .seconds(random.nextUnit() * 3))
                let victim = run.daemon(&random)
                await victim.kill()
                try await victim.start()
            }
            let moved = run.throughput.transitions - before
            run.say("\(moved) transitions by daemons with shifted clocks")
            for daemon in run.arena.daemons {
                await daemon.kill()
                for name in ["LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC"] { daemon.set(name, nil) }
                try await daemon.start()
            }
            return [
                run.figure("kills", kills, "SIGKILLs"),
                run.figure("transitions with shifted clocks", moved, "transitions", goal: .atLeast(1)),
            ]
        })

    private static func fakeTimeLibrary() throws -> String {
        for architecture in ["x86_64", "aarch64"] {
            let path = "/usr/lib/\(architecture)-linux-gnu/faketime/libfaketimeMT.so.1"
            if access(path, R_OK) == 0 { return path }
        }
        throw FledgeError(
            "chaos.no_faketime", "libfaketime is not installed", hint: ".ci/install-packages --chaos", exitCode: .usage)
    }
}
