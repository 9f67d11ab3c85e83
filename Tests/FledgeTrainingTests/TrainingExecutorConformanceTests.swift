import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

@testable import FledgeRehearsal
@testable import FledgeTraining

/// The local executor on short real processes, and the one of the rehearsals on its stub provider.
@Suite("What the engine relies on of executors", .serialized, .timeLimit(.minutes(10)))
struct TrainingExecutorConformanceTests {
    /// Notes in its output that it trains, does what it should, and leaves a small sound adapter; where there is one
    /// already it only answers.
    private static let program = """
        import json, os, signal, struct, sys
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        def say(**event): print(json.dumps(event), flush=True)
        def put(name, content):
            with open(os.path.join("output/adapter", name), "wb") as file: file.write(content)
        job = json.load(open("job.json"))
        rank, alpha = job["lora"]["rank"], job["lora"]["alpha"]
        if not os.path.exists("output/adapter"):
            with open("output/begun", "a") as file: file.write("x")
            times = os.path.getsize("output/begun")
            for step in range(1, 4): say(event="progress", step=step, steps=3, loss=1 / step, elapsedSeconds=step / 10)
            BEHAVIOUR
            os.mkdir("output/adapter")
            size, layer = rank * 8 * 4, "base_model.model.model.layers.0.self_attn.q_proj"
            put("adapter_config.json", json.dumps({
                "peft_type": "LORA", "r": rank, "lora_alpha": alpha, "target_modules": ["q_proj"]}).encode())
            put("fledge.json", json.dumps({"baseSHA256": job["baseWeights"]["sha256"]}).encode())
            header = json.dumps({
                layer + ".lora_A.weight": {"dtype": "F32", "shape": [rank, 8], "data_offsets": [0, size]},
                layer + ".lora_B.weight": {"dtype": "F32", "shape": [8, rank], "data_offsets": [size, 2 * size]},
            }).encode()
            put("adapter_model.safetensors", struct.pack("<Q", len(header)) + header + bytes(2 * size))
        say(event="done", adapterDirectory="output/adapter", goldenAnswers=["cedar" for _ in job["golden"]],
            baseAnswers=["cedar"] * job["basePrompts"], steps=3, seconds=0.3)
        """

    private static func program(_ behaviour: TrainingExecutorScene.Behaviour) -> String {
        let line =
            switch behaviour {
            case .finishes: "pass"
            case .goesOn: "signal.pause()"
            case .fails:
                #"say(event="error", code="training.diverged", message="the loss is not a number"); sys.exit(78)"#
            case .stopsOnce: "if times == 1: sys.exit(75)"
            case .diesOnce: "if times == 1: os.kill(os.getpid(), signal.SIGKILL)"
            }
        return program.replacing("BEHAVIOUR", with: line)
    }

    @Test("the local executor keeps it", arguments: TrainingExecutorPromise.allCases)
    func local(promise: TrainingExecutorPromise) async throws {
        try await FakeTrainer.with(Self.program(promise.behaviour)) { trainer in
            let scene = TrainingExecutorScene(
                executor: trainer.executor, restarted: trainer.restarted,
                artifacts: FileArtifactStore(directory: trainer.directory + "/artifacts"), base: trainer.weights
            ) {
                let noted = trainer.job(TrainingExecutorScene.intent) + "/output/begun"
                return FileManager.default.contents(atPath: noted)?.count ?? 0
            }
            let breach = await promise.breach(in: scene)
            #expect(breach == nil)
        }
    }

    /// It makes a job of every submission, and stops none: chaos counts what the engine submits.
    private static let rehearsed: [TrainingExecutorPromise] = [
        .saysWhatItBears, .tellsUnknown, .isFoundAgain, .tellsItsCourseOnce, .leavesAnAdapter, .answersAgain,
        .staysFinished, .startsWhollyOrNot,
    ]

    @Test("the executor of rehearsals keeps what it is there for", arguments: rehearsed)
    func rehearsal(promise: TrainingExecutorPromise) async throws {
        try await TemporaryDirectory.with { directory in
            let provider = StubProvider(
                jobsDirectory: directory + "/jobs", jobSeconds: promise.behaviour == .goesOn ? 3600 : 0)
            defer { provider.close() }
            let base = "http://127.0.0.1:\(try provider.open(daemon: 0))"
            let scene = TrainingExecutorScene(
                executor: RehearsalExecutor(base: base), restarted: RehearsalExecutor(base: base),
                artifacts: FileArtifactStore(directory: directory + "/artifacts"),
                base: BaseWeights(path: "/dev/null", sha256: StubProvider.base)
            ) { provider.submissions[TrainingExecutorScene.intent] ?? 0 }
            let breach = await promise.breach(in: scene)
            #expect(breach == nil)
        }
    }
}
