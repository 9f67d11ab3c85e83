import FledgeCore
import FledgeDocument
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient

/// Takes a scenario from its baseline through its faults and its recovery to the proof of what is left.
struct ScenarioRunner: Sendable {
    let scenario: Scenario
    let plan: Scenario.Plan

    private static let width = 12
    private static let recoveryLimit = Duration.seconds(60)
    private static let share = 0.95
    private static let drainLimit = Duration.seconds(120)
    private var warmUp: Duration { plan.isQuick ? .seconds(2) : .seconds(5) }
    private var baseline: Duration { plan.isQuick ? .seconds(4) : .seconds(15) }

    /// - Throws: `ExitCode(3)` is for the caller; a broken promise comes back as a figure that does not hold.
    func run() async throws -> [Figure] {
        var settings = try scenario.settings(plan)
        settings.daemons = plan.daemons
        settings.seed = plan.seed
        settings.before = plan.before
        let arena = try await Arena.start(settings)
        do {
            let figures = try await run(in: arena)
            await arena.stop()
            if figures.contains(where: { !$0.holds }) {
                Progress.say(
                    "\(scenario.name): seed \(plan.seed); the logs, the database and the data are kept in "
                        + "\(arena.directory) and \(arena.cluster.layout.directory)")
            } else {
                arena.remove()
            }
            return figures
        } catch {
            await arena.stop()
            Progress.say("\(scenario.name): seed \(plan.seed); what is left is in \(arena.directory)")
            throw error
        }
    }

    private func run(in arena: Arena) async throws -> [Figure] {
        let feed = Feed(arena, width: Self.width, kinds: scenario.kinds, seed: plan.seed)
        let throughput = TransitionMeter(arena.pool)
        let run = ScenarioRun(scenario: scenario, plan: plan, arena: arena, feed: feed, throughput: throughput)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await feed.run() }
            group.addTask { await throughput.run() }
            defer { group.cancelAll() }
            for daemon in arena.daemons where await !daemon.isReady(within: .seconds(60)) {
                throw FledgeError("chaos.not_ready", "daemon \(daemon.number) is not ready after a minute")
            }
            try await Task.sleep(for: warmUp)
            let cost = Cost(run)
            try await Task.sleep(for: baseline)
            let before = throughput.rate(over: baseline, since: .now - baseline - .seconds(3)) ?? 0
            let costBefore = run.figure("a transition's CPU before", cost.milliseconds(run), "ms")
            run.say("baseline \(before.formatted(decimals: 1)) transitions/s")
            let own = try await scenario.faults(run)
            let recovery = [costBefore] + (try await recovery(run, baseline: before))
            feed.close()
            await drain(run)
            return own + recovery + (try await proof(run))
        }
    }

    /// How long it takes until the daemons are as fast as they were, over as long a time as the baseline was taken.
    ///
    /// What has not recovered is looked into with daemons that are started anew on the same database. Where those are as
    /// slow, the machine or what is stored has slowed them down, and what a process remembers has not; that they are excuses
    /// nothing.
    private func recovery(_ run: ScenarioRun, baseline before: Double) async throws -> [Figure] {
        let start = ContinuousClock.now
        let cost = Cost(run)
        var best = 0.0
        while start.duration(to: .now) < Self.recoveryLimit, best < Self.share * before {
            try await Task.sleep(for: .milliseconds(250))
            best = max(best, run.throughput.rate(over: baseline, since: start) ?? 0)
        }
        let seconds = start.duration(to: .now) / .seconds(1)
        run.say("at \(best.formatted(decimals: 1)) transitions/s after \(seconds.formatted(decimals: 1)) s")
        var figures = [
            run.figure("a transition's CPU after", cost.milliseconds(run), "ms"),
            run.figure("load of the machine", Machine.load, "running threads"),
            run.figure("baseline", before, "transitions/s"), run.figure("recovered to", best, "transitions/s"),
            run.figure("time to recover", seconds, "s"),
            run.figure(
                "share recovered within 60 s", best / max(before, 1e-9), "of the baseline", goal: .atLeast(Self.share)),
        ]
        guard best < Self.share * before else { return figures }
        for daemon in run.arena.daemons {
            await daemon.kill()
            try await daemon.start()
        }
        try await Task.sleep(for: warmUp + baseline)
        let anew = run.throughput.rate(over: baseline, since: .now - baseline - .seconds(3)) ?? 0
        run.say("daemons that are new come to \(anew.formatted(decimals: 1)) transitions/s")
        figures.append(run.figure("rate of new daemons", anew, "transitions/s"))
        return figures
    }

    private func drain(_ run: ScenarioRun) async {
        let start = ContinuousClock.now
        while start.duration(to: .now) < Self.drainLimit {
            if run.feed.openNames.isEmpty, await hasNoOpenWork(run) { return }
            try? await Task.sleep(for: .milliseconds(250))
        }
        run.say("still open after \(Self.drainLimit): \(run.feed.openNames)")
    }

    private func hasNoOpenWork(_ run: ScenarioRun) async -> Bool {
        let rows = try? await run.arena.pool.query(
            "SELECT count(*) AS n FROM work_item WHERE state IN ('queued', 'leased')")
        return (try? rows?.first?.get("n", as: Int.self)) == 0
    }

    private func proof(_ run: ScenarioRun) async throws -> [Figure] {
        // Also a run that could not be seen through is held to what a finished one is held to.
        let record = try await RunReader(arena: run.arena).read(isDrained: true)
        let checker = RunChecker(record)
        for violation in checker.violations.prefix(20) { Progress.say("\(scenario.name): BROKEN \(violation)") }
        let counts = checker.counts
        var figures = [
            run.figure("use cases", record.useCases.count, "use cases"),
            run.figure("transitions", counts.transitions, "transitions"),
        ]
        for state in RunRecord.Work.State.allCases {
            figures.append(run.figure("work \(state.rawValue)", counts.work[state] ?? 0, "pieces"))
        }
        figures += [
            run.figure("calls made", counts.calls, "calls"), run.figure("samples paid", counts.paidSamples, "samples"),
            run.figure("calls repeated after a kill", counts.repeats[.ended] ?? 0, "calls"),
            run.figure("calls repeated after a stall", counts.repeats[.stalled] ?? 0, "calls"),
            run.figure("most calls repeated for one fault", counts.mostRepeatsAtOnce, "calls"),
            run.figure("leases lost by living daemons", run.arena.faults.counted("leases lost alive"), "leases"),
            run.figure("most calls of a use case with a cap", counts.mostCappedCalls, "calls"),
            run.figure("external jobs", counts.jobs, "jobs"), run.figure("slots fired", counts.slots, "slots"),
            run.figure("use cases started again by hand", run.feed.revived, "use cases"),
        ]
        for promise in RunChecker.Violation.Promise.allCases {
            let broken = checker.violations.count { $0.promise == promise }
            figures.append(run.figure("broken: \(promise.rawValue)", broken, "times", goal: .atMost(0)))
        }
        return figures
    }
}

/// The processor time that daemons and database take for a transition: unlike a rate, it says little of who else is busy.
private struct Cost {
    private let seconds: Double
    private let transitions: Int

    init(_ run: ScenarioRun) {
        seconds = Self.seconds(run)
        transitions = run.throughput.transitions
    }

    /// Since `init`. Means something as long as no daemon has ended meanwhile.
    func milliseconds(_ run: ScenarioRun) -> Double {
        (Self.seconds(run) - seconds) * 1000 / Double(max(1, run.throughput.transitions - transitions))
    }

    private static func seconds(_ run: ScenarioRun) -> Double {
        let daemons = run.arena.daemons.compactMap(\.processID).reduce(0) { $0 + CPUTime.ofProcess($1, reaped: false) }
        guard let server = run.arena.cluster.serverProcess else { return daemons }
        return CPUTime.children(of: server)
            .reduce(daemons + CPUTime.ofProcess(server, reaped: true)) { $0 + CPUTime.ofProcess($1, reaped: false) }
    }
}
