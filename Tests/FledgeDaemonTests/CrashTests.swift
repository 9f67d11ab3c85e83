import FledgeClient
import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Glibc
import ManagedProcess
import PostgresClient
import Testing

@Suite(.serialized, .timeLimit(.minutes(30)))
struct CrashTests {
    private static let data = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "workflows/data/lexical-category.jsonl")

    @Test("SIGKILL in each stage of a prompt-only use case repeats no recorded call, and ends with the same release")
    func promptOnly() async throws {
        try await CountingModelServer.with { server in
            let request = { try CrashUseCase.prompted(server: server.base, in: $0) }
            let (undisturbed, calls) = try await TestDaemon.with { daemon in
                try await server.answer(upTo: .max)
                try await Self.apply(try request(daemon.data), to: daemon)
                try await daemon.reach("production", "live")
                #expect(try await server.count().calls == daemon.samples())
                return (try await daemon.ending(), try await server.count())
            }
            try await TestDaemon.with { daemon in
                // Counted from here on: the server has seen the same questions before.
                let before = calls.calls
                try await server.answer(upTo: before + 20)
                try await Self.apply(try request(daemon.data), to: daemon)
                var lost = try await Self.killAtHold(daemon, server, answered: before + 20, before: before, lost: 0)
                try await daemon.start()

                let search = try await daemon.number(
                    "SELECT planned_calls AS n FROM experiment WHERE purpose = 'search'")
                let inGate = before + lost + search + 25
                try await server.answer(upTo: inGate)
                try await daemon.reach("validation", "judging")
                lost = try await Self.killAtHold(daemon, server, answered: inGate, before: before, lost: lost)
                try await daemon.start()

                try await server.answer(upTo: .max)
                try await daemon.kill(holding: "release", at: "validation", "releasing", within: .seconds(60))
                try await daemon.start()
                try await daemon.reach("production", "live")
                #expect(try await daemon.ending() == undisturbed)

                try await daemon.kill()
                try await daemon.start()
                #expect(try await daemon.ending() == undisturbed)
                #expect(try await daemon.number("SELECT count(*)::int AS n FROM sample WHERE from_cache") == 0)
                let count = try await server.count()
                // Each recorded sample was called once; only the calls that were in flight at a kill were made again.
                let samples = try await daemon.samples()
                #expect(count.calls - before == samples + lost)
                #expect(count.distinct == calls.distinct)
            }
        }
    }

    @Test(
        "SIGKILL twice in the race of a search asks for a person, who goes on: no recorded call is repeated, and the same wins"
    )
    func raced() async throws {
        try await CountingModelServer.with { server in
            let request = { try CrashUseCase.raced(server: server.base, in: $0) }
            let (undisturbed, calls, searched) = try await TestDaemon.with { daemon in
                try await server.answer(upTo: .max)
                try await Self.apply(try request(daemon.data), to: daemon)
                try await daemon.reach("production", "live")
                let searched = try await daemon.number(
                    "SELECT count(*)::int AS n FROM sample s JOIN experiment e ON e.id = s.experiment_id AND e.purpose = 'search'"
                )
                return (try await daemon.ending(), try await server.count(), searched)
            }
            // The race is long enough to be cut off in its first block and after candidates have dropped out.
            try #require(searched > 60)
            try await TestDaemon.with { daemon in
                let before = calls.calls
                try await server.answer(upTo: before + 20)
                try await Self.apply(try request(daemon.data), to: daemon)
                var lost = try await Self.killAtHold(daemon, server, answered: before + 20, before: before, lost: 0)
                try await daemon.start()
                let late = before + lost + searched - 10
                try await server.answer(upTo: late)
                lost = try await Self.killAtHold(daemon, server, answered: late, before: before, lost: lost)
                try await daemon.start()
                try await server.answer(upTo: .max)
                // Within a minute two daemons have ended with the same work: nobody can say that it is not to blame.
                try await daemon.reach(block: "work.quarantined")
                _ = try await daemon.client.send(.retry, to: CrashUseCase.prompted, actor: "")
                try await daemon.reach("production", "live")
                var ending = try await daemon.ending()
                ending.events.removeAll { ["work-failed", "retried"].contains($0) }
                #expect(ending == undisturbed)
                #expect(try await daemon.number("SELECT count(*)::int AS n FROM sample WHERE from_cache") == 0)
                let count = try await server.count()
                #expect(count.calls - before == (try await daemon.samples()) + lost)
                #expect(count.distinct == calls.distinct)
            }
        }
    }

    @Test(
        "SIGKILL in each stage of a tuned use case repeats no recorded call, and ends with the same release, from one training run"
    )
    func fineTuned() async throws {
        try await CountingProxy.with { proxy in try await fineTuned(through: proxy) }
    }

    /// - Parameter proxy: between the daemon and the model server that it starts itself.
    private func fineTuned(through proxy: CountingProxy) async throws {
        let undisturbed = try await TestDaemon.with { daemon in
            try await Self.apply(try CrashUseCase.tuned(data: Self.data, in: daemon.data), to: daemon)
            try await daemon.reach("production", "live", within: .seconds(900))
            return try await daemon.ending()
        }
        #expect(undisturbed.release == 1)
        #expect(undisturbed.decisions == ["1 fine-tune", "2 promote"])
        let variables: [String: String?] = [
            "http_proxy": proxy.address, "no_proxy": nil, "NO_PROXY": nil,
        ]
        try await TestDaemon.with(variables: variables) { daemon in
            try await Self.apply(try CrashUseCase.tuned(data: Self.data, in: daemon.data), to: daemon)
            #expect(try await eventually { try await daemon.samples() >= 5 })
            try await daemon.kill()
            #expect(
                try await daemon.number("SELECT count(*)::int AS n FROM cycle WHERE stage = 'prompt-prototype'") == 1)
            let recorded = try await Self.recorded(daemon)
            let searched = try await Self.asked(daemon, proxy)
            #expect(searched.count >= 5)
            try await daemon.start()

            try await daemon.reach("validation", "judging", within: .seconds(60))
            let inGate =
                "SELECT count(*)::int AS n FROM sample s JOIN experiment e ON e.id = s.experiment_id AND e.purpose = 'gate'"
            #expect(try await eventually { try await daemon.number(inGate) >= 5 })
            try await daemon.kill()
            let judged = try await Self.asked(daemon, proxy)
            #expect(judged.count > searched.count)
            try await daemon.start()

            try await daemon.reach("fine-tune", "training", within: .seconds(60))
            let hasStep = await eventually {
                Self.text("events.jsonl", of: daemon).contains(#""progress""#)
            }
            try #require(hasStep, "the trainer has made no step: \(daemon.logText)")
            let trainer = Self.text("pid", of: daemon)
            try await daemon.kill()
            #expect(Self.isAlive(trainer))
            try await daemon.start()
            #expect(Self.text("pid", of: daemon) == trainer)

            // The adapter is stored and checked, and the training's end is about to be recorded.
            try await daemon.kill(whenItWritesTo: "transition", within: .seconds(180))
            #expect(try await daemon.number("SELECT count(*)::int AS n FROM adapter") == 1)
            #expect(
                try await daemon.number("SELECT count(*)::int AS n FROM transition WHERE event = 'training-finished'")
                    == 0)
            try await daemon.start()

            try await daemon.reach("fine-tune", "experimenting", within: .seconds(180))
            let onAdapter =
                "SELECT count(*)::int AS n FROM sample s JOIN experiment e ON e.id = s.experiment_id AND e.purpose = 'adapter'"
            #expect(try await eventually { try await daemon.number(onAdapter) >= 5 })
            try await daemon.kill()
            let tuned = try await Self.asked(daemon, proxy, adapted: true)
            try await daemon.start()

            try await daemon.kill(holding: "release", at: "validation", "releasing", within: .seconds(180))
            let released = try await Self.asked(daemon, proxy, adapted: true)
            try await daemon.start()
            try await daemon.reach("production", "live")
            #expect(try await daemon.ending() == undisturbed)
            #expect(try await daemon.number(onAdapter) == 48)
            // What was recorded at a kill was never asked again.
            let atEnd = try await Self.asked(daemon, proxy)
            #expect(searched.allSatisfy { $0.value == 1 && atEnd[$0.key] == 1 })
            #expect(judged.allSatisfy { atEnd[$0.key] == $0.value })
            let tunedAtEnd = try await Self.asked(daemon, proxy, adapted: true)
            #expect(tuned.allSatisfy { tunedAtEnd[$0.key] == $0.value })
            #expect(tunedAtEnd == released)
            // What was asked again was in flight at one of three kills, at most as many as are under way at once.
            let again = [atEnd, tunedAtEnd].joined().reduce(0) { $0 + $1.value - 1 }
            #expect((0...48).contains(again))
            #expect(try await daemon.number("SELECT count(*)::int AS n FROM training_job") == 1)
            #expect(try await daemon.number("SELECT count(*)::int AS n FROM adapter") == 1)
            #expect(daemon.jobFolders.count == 1)
            // One process from the first to the last step: a second one would have written another file and begun again.
            #expect(Self.text("pid", of: daemon) == trainer)
            #expect(!Self.text("events.jsonl", of: daemon).contains("going on from step"))
            #expect(try await Self.recorded(daemon).isSuperset(of: recorded))
        }
    }

    @Test("SIGTERM ends the daemon cleanly, and its work goes back to the queue")
    func gracefulStop() async throws {
        try await CountingModelServer.with { server in
            try await TestDaemon.with { daemon in
                try await server.answer(upTo: 20)
                try await Self.apply(try CrashUseCase.prompted(server: server.base, in: daemon.data), to: daemon)
                let isHeld = try await eventually {
                    let calls = try await server.count().calls
                    let samples = try await daemon.samples()
                    return calls > 20 && samples == 20
                }
                #expect(isHeld)
                let began = ContinuousClock.now
                #expect(try await daemon.terminate() == .exited(0))
                #expect(ContinuousClock.now - began < .seconds(20))
                #expect(try await !daemon.cluster.isRunning())

                try await daemon.cluster.start()
                #expect(
                    try await daemon.number(
                        "SELECT count(*)::int AS n FROM work_item WHERE state = 'queued' AND attempts = 0") == 1)
                #expect(try await daemon.samples() == 20)
                try await server.answer(upTo: .max)
                try await daemon.start()
                try await daemon.reach("production", "live")
                #expect(try await daemon.ending().release == 1)
            }
        }
    }

    private static func apply(_ request: ApplyRequest, to daemon: TestDaemon) async throws {
        let result = try await daemon.client.apply(request)
        try #require(result.applied != nil, "\(result.diagnostics)")
    }

    /// Kills the daemon when every answered call is recorded and the others wait. - Returns: the calls lost so far.
    private static func killAtHold(
        _ daemon: TestDaemon, _ server: CountingModelServer, answered: Int, before: Int, lost: Int
    ) async throws -> Int {
        let isHeld = try await eventually {
            let calls = try await server.count().calls
            let samples = try await daemon.samples()
            return calls > answered && samples + lost == answered - before
        }
        let samples = try await daemon.samples()
        let calls = try await server.count()
        try #require(isHeld, "\(calls), \(samples) samples: \(daemon.logText)")
        try await daemon.kill()
        let inFlight = try await server.count().calls - answered
        // At most as many as the daemon has under way at once.
        #expect((1...16).contains(inFlight))
        #expect(try await daemon.samples() == samples)
        return lost + inFlight
    }

    /// How often each question was asked whose answer is recorded; they are different from each other.
    private static func asked(
        _ daemon: TestDaemon, _ proxy: CountingProxy, adapted: Bool = false
    ) async throws -> [String: Int] {
        let calls = try await proxy.calls()
        var asked: [String: Int] = [:]
        for question in try await daemon.recordedQuestions(adapted: adapted) {
            asked[question] = (adapted ? calls.adapted : calls.base)[question] ?? 0
        }
        return asked
    }

    /// When each sample was written: a sample that is made again has another time.
    private static func recorded(_ daemon: TestDaemon) async throws -> Set<String> {
        let rows = try await daemon.database.query(
            "SELECT concat_ws(' ', experiment_id, candidate_id, example_id, repeat, at) AS t FROM sample")
        return Set(try rows.map { try $0.get("t", as: String.self) })
    }

    /// A file of the only training job.
    private static func text(_ file: String, of daemon: TestDaemon) -> String {
        daemon.jobFolders.first.flatMap { try? String(contentsOf: $0.appending(path: file), encoding: .utf8) } ?? ""
    }

    private static func isAlive(_ pid: String) -> Bool {
        guard let number = Int32(pid.trimmingCharacters(in: .whitespacesAndNewlines)) else { return false }
        return Glibc.kill(number, 0) == 0
    }
}
