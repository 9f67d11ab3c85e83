import FledgeCore
import FledgeEngine
import Synchronization
import FledgeTestKit
import Testing

@testable import FledgeCLI

@Suite("A daemon that goes away")
struct ReconnectionTests {
    /// Time that passes only where somebody waits, and what was said.
    private final class Scene: Sendable {
        private let state = Mutex((now: ContinuousClock.now, pauses: [Duration](), said: [String]()))
        var now: ContinuousClock.Instant { state.withLock(\.now) }
        var pauses: [Duration] { state.withLock(\.pauses) }
        var said: [String] { state.withLock(\.said) }

        func reconnection() -> Reconnection {
            Reconnection(
                now: { self.now },
                pause: { pause in
                    self.state.withLock { state in
                        state.now += pause
                        state.pauses.append(pause)
                    }
                }, say: { text in self.state.withLock { $0.said.append(text) } })
        }
    }

    private static let absent = FledgeError("daemon.not_running", "the daemon is not running", exitCode: .unavailable)

    @Test("is asked again, less and less often, until it answers, and is spoken of once as it goes and as it comes")
    func restart() async throws {
        let scene = Scene()
        var reconnection = scene.reconnection()
        #expect(try await reconnection.ask { 1 } == 1)
        var asked = 0
        let answer = try await reconnection.ask {
            asked += 1
            if asked < 8 { throw Self.absent }
            return 2
        }
        #expect(answer == 2 && asked == 8 && reconnection.outages == 1)
        #expect(scene.pauses == [0.25, 0.5, 1, 2, 4, 5, 5].map { .seconds($0) })
        #expect(
            scene.said == [
                "fledge: the daemon is not running; asking again for 10 min 00 s", "fledge: the daemon answers again",
            ])
    }

    @Test("is not waited for where it never answered, and given up after ten minutes")
    func patience() async throws {
        let scene = Scene()
        var reconnection = scene.reconnection()
        await #expect(throws: Self.absent) { try await reconnection.ask { throw Self.absent } }
        #expect(scene.pauses == [])
        _ = try await reconnection.ask { 1 }
        let begin = scene.now
        await #expect(throws: Self.absent) { try await reconnection.ask { throw Self.absent } }
        #expect(begin.duration(to: scene.now) == Reconnection.patience)
    }

    @Test("a deadline counts on, and what a person did wrong is said at once")
    func deadline() async throws {
        let scene = Scene()
        var reconnection = scene.reconnection()
        _ = try await reconnection.ask { 1 }
        let begin = scene.now
        await #expect(throws: Self.absent) {
            try await reconnection.ask(until: begin + .seconds(3)) { throw Self.absent }
        }
        #expect(begin.duration(to: scene.now) == .seconds(3))
        let unknown = FledgeError("use_case.unknown", "there is none", exitCode: .usage)
        await #expect(throws: unknown) { try await reconnection.ask { throw unknown } }
    }

    @Test("a log goes on where it stood")
    func log() async throws {
        let scene = Scene()
        let api = MemoryControlAPI()
        api.jobSteps.withLock { steps in
            steps = [.lines(["a"]), .absent, .absent, .lines(["a", "b"]), .ended(["a", "b", "c"])]
        }
        var written: [String] = []
        var follower = LogFollower(api: api, job: TrainingJobID(42))
        follower.interval = .zero
        follower.write = { written.append($0) }
        try await follower.run(follow: true, reconnection: scene.reconnection())
        #expect(written == ["a", "b", "c"] && scene.said.count == 2)
    }

    @Test("a paused use case is not waited for, and who paused it is named")
    func pause() {
        var status = Fixtures.status()
        #expect(Pause(status) == nil)
        status.state.isPaused = true
        var entry = Fixtures.entry(3)
        entry.event = "paused"
        entry.actor = "user:ada"
        #expect(
            Pause(status, history: [entry, Fixtures.entry(4)])?.sentence
                == "lexical-category: paused by user:ada: fledge resume lexical-category")
        #expect(Pause(status)?.sentence == "lexical-category: paused: fledge resume lexical-category")
        status.state.block = CycleState.Block(code: "x", message: "y")
        #expect(Pause(status) == nil)
    }

    @Test("progress tells phases, and seconds a step where a second brings less than one")
    func progress() {
        func text(_ done: Int, _ total: Int, rate: Double?, eta: Double?, phase: String?, _ unit: String) -> String {
            ValueText.progress(
                UseCaseStatus.Progress(
                    what: "training 1", done: done, total: total, rate: rate, etaSeconds: eta, phase: phase, unit: unit)
            )
        }
        #expect(
            text(12, 300, rate: 1 / 12.4, eta: 3571, phase: nil, "step")
                == "12/300 training 1, 12.4 s/step, 59 min 31 s left")
        #expect(
            text(0, 0, rate: nil, eta: nil, phase: "waiting for a place", "step") == "training 1: waiting for a place")
        #expect(
            text(300, 300, rate: nil, eta: nil, phase: "golden check", "step") == "300/300 training 1: golden check")
        #expect(text(8, 40, rate: 8.1, eta: 4, phase: "calls", "call") == "8/40 training 1: calls, 8.1/s, 4 s left")
        #expect(text(8, 40, rate: 0, eta: nil, phase: nil, "call") == "8/40 training 1")
    }

    @Test("a golden check shows both answers, and nothing of them steers a terminal")
    func golden() {
        let text = GoldenText.render(Fixtures.golden)
        #expect(text.contains("1 of 2 served answers are the trainer's; at least 1 are asked for"))
        #expect(text.contains("1. Ash.\n            Tree or fire?\n   trained  tree\n   served   fire\u{FFFD}[2J"))
        #expect(text.contains("The base model's answers differ here too.") && !text.contains("\u{1B}"))
        let earlier = GoldenCheck(prompts: 30, agreeing: 26, differingFromBase: 20, bar: 0.9)
        #expect(GoldenText.render(earlier).contains("at least 27 are asked for"))
    }

    @Test("a training that goes on is named with its step, and what takes it over")
    func outliving() {
        #expect(
            LocalTrainings.sentence(Fixtures.job(hasEnded: false)).hasPrefix(
                "job 42 of triage goes on training (step 120 of 400): the next daemon takes it over"))
    }
}
