import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServing
import FledgeTestKit
import FledgeTraining
import Foundation
import Glibc
import Testing

/// On the real trainer with the packaged weights: a few steps are enough for everything but a good adapter.
@Suite("The local executor", .serialized)
struct LocalExecutorTests {
    private func answers(_ server: any ModelServer, adapter: AdapterDigest?) async throws -> [String] {
        var texts: [String] = []
        for prompt in TrainingJob.golden {
            let request = CompletionRequest(
                model: TrainingJob.model.name, adapter: adapter, messages: prompt.messages,
                decoding: DecodingDefinition(maxTokens: 8, seed: 1), choices: prompt.choices)
            texts.append(try await server.complete(request).text)
        }
        return texts
    }

    @Test(
        "a job trains an adapter that is stored, served and answers as it did in training, and nobody starts it twice")
    func wholeRun() async throws {
        try await TrainingJob.withDirectory { directory in
            let catalog = TrainingJob.catalog()
            let weights = try await catalog.weights(of: TrainingJob.model)
            let server = try await catalog.server(for: TrainingJob.model, adapters: [])
            let before = try await answers(server, adapter: nil)

            let executor = TrainingJob.executor(in: directory)
            let specification = TrainingJob.specification(of: weights)
            #expect(try await executor.find(intent: "whole-run") == nil)
            let job = try await executor.submit(specification, intent: "whole-run")

            // A daemon that was started anew knows only the folder and the intent.
            let successor = TrainingJob.executor(in: directory)
            let first = TrainingJob.processID(of: job, in: directory)
            #expect(first != nil)
            #expect(try await successor.find(intent: "whole-run") == job)
            #expect(try await successor.submit(specification, intent: "whole-run") == job)
            #expect(TrainingJob.processID(of: job, in: directory) == first)

            var follower = Follower(successor, job)
            #expect(try await follower.untilEnd())
            guard
                case .finished(let folder, let trained, let baseAnswers, let steps, let seconds, let scores) =
                    follower.state
            else {
                Issue.record("the job ended as \(follower.state); it said: \(follower.log)")
                return
            }
            #expect(try await executor.find(intent: "whole-run") == job)
            // What the trainer has written is closed to others too: its folder holds all rows, and the adapter.
            let place = directory + "/jobs/whole-run"
            for name in [""] + (try FileManager.default.subpathsOfDirectory(atPath: place)) {
                var status = stat()
                #expect(lstat("\(place)/\(name)", &status) == 0)
                #expect(status.st_mode & S_IFMT == S_IFLNK || status.st_mode & 0o077 == 0, "\(name)")
            }
            #expect(steps == 6)
            #expect(seconds > 0)
            #expect(follower.totalSteps == 6)
            #expect(follower.points.map(\.step) == Array(1...6))
            #expect(follower.points.allSatisfy { ($0.loss ?? 0) > 0 && ($0.tokensPerSecond ?? 0) > 0 })
            #expect(follower.points[5].loss ?? 9 < follower.points[0].loss ?? 0)
            #expect(follower.log.count { $0.contains("rows, ") && $0.contains("parameters") } == 1)
            #expect(trained.count == TrainingJob.golden.count)
            #expect(trained.allSatisfy(TrainingJob.choices.contains))
            // The base model's own numerics are the server's but for what serving costs.
            let base = try #require(baseAnswers)
            #expect(base.count == TrainingJob.golden.count)
            #expect(zip(before, base).count { $0 != $1 } <= 1, "served \(before), trained \(base)")
            #expect(base != trained)
            // Tokens that the server would score: all have figures, and training has made the tuned model's likelier.
            let tuned = try #require(scores?.tuned.compactMap { $0 })
            #expect(tuned.count == trained.count && scores?.base.compactMap { $0 }.count == trained.count)
            for one in tuned {
                #expect(one.tuned.count == one.answer.count && one.base.count == one.answer.count)
                #expect(one.prompt.count > 8)
            }
            #expect(tuned.flatMap(\.tuned).reduce(0, +) > tuned.flatMap(\.base).reduce(0, +))

            let store = FileArtifactStore(directory: directory + "/artifacts")
            let facts = try await store.store(
                adapterAt: folder, expecting: ExpectedAdapter(rank: 4, alpha: 8, baseSHA256: weights.sha256))
            #expect(facts.rank == 4)
            #expect(facts.alpha == 8)
            #expect(
                facts.targetModules == ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"])
            #expect(facts.sizeBytes > 1_000_000)
            let stored = try await store.directory(of: facts.digest)

            let adapted = try await catalog.server(
                for: TrainingJob.model, adapters: [ServedAdapter(digest: facts.digest, directory: stored)])
            let served = try await answers(adapted, adapter: facts.digest)
            #expect(zip(served, trained).count { $0 != $1 } <= 1, "served \(served), trained \(trained)")
            #expect(served != before)
            // The cache now holds the same prompts as they were under the adapter.
            #expect(try await answers(adapted, adapter: nil) == before)
            await catalog.shutdown()
        }
    }

    @Test("a job that is done converts and answers again without training, one of the version before too")
    func answersAgain() async throws {
        try await TrainingJob.withDirectory { directory in
            let catalog = TrainingJob.catalog()
            let weights = try await catalog.weights(of: TrainingJob.model)
            await catalog.shutdown()
            let executor = TrainingJob.executor(in: directory)
            let specification = TrainingJob.specification(of: weights, rows: 8)
            let job = try await executor.submit(specification, intent: "done-run")
            var follower = Follower(executor, job)
            #expect(try await follower.untilEnd())
            guard case .finished(let folder, let trained, let base, 2, _, let scores) = follower.state else {
                Issue.record("the job ended as \(follower.state); it said: \(follower.log)")
                return
            }
            let store = FileArtifactStore(directory: directory + "/artifacts")
            let expected = ExpectedAdapter(rank: 4, alpha: 8, baseSHA256: weights.sha256)
            let facts = try await store.store(adapterAt: folder, expecting: expected)

            // What a trainer of the version before leaves: no note, and a GGUF file that was converted wrongly.
            let output = directory + "/jobs/done-run/output"
            try FileManager.default.removeItem(atPath: output + "/trained.json")
            try Data("GGUF".utf8).write(to: URL(filePath: folder + "/adapter.gguf"))
            let points = follower.points.count
            try await executor.answerAgain(specification, intent: "done-run")
            #expect(try await follower.untilEnd())
            guard case .finished(folder, trained, base, _, _, let again) = follower.state else {
                Issue.record("the job ended as \(follower.state); it said: \(follower.log)")
                return
            }
            #expect(scores != nil && again?.tuned.map(\.?.answer) == scores?.tuned.map(\.?.answer))
            #expect(follower.points.count == points && follower.log.contains { $0.contains("answering again") })
            #expect(try await store.store(adapterAt: folder, expecting: expected).digest == facts.digest)
        }
    }

    @Test("a stopped job goes on from its checkpoint under the same intent, and a cancelled one is cancelled")
    func stopAndCancel() async throws {
        try await TrainingJob.withDirectory { directory in
            let catalog = TrainingJob.catalog()
            let weights = try await catalog.weights(of: TrainingJob.model)
            await catalog.shutdown()
            let executor = TrainingJob.executor(in: directory)
            let specification = TrainingJob.specification(of: weights, epochs: 500)
            let job = try await executor.submit(specification, intent: "long-run")
            var follower = Follower(executor, job)
            try #require(try await follower.untilProgress())
            let group = try #require(TrainingJob.processID(of: job, in: directory))
            #expect(kill(-group, SIGTERM) == 0)
            #expect(try await follower.untilEnd())
            guard case .failed("training.stopped", _, isTransient: true) = follower.state else {
                Issue.record("the job ended as \(follower.state); it said: \(follower.log)")
                return
            }
            let exit = try String(contentsOfFile: "\(directory)/jobs/\(job)/exit", encoding: .utf8)
            #expect(exit == "75\n")
            #expect(try await executor.find(intent: "long-run") == nil)

            let reached = try #require(follower.points.last?.step)
            let seen = follower.points.count
            #expect(try await executor.submit(specification, intent: "long-run") == job)
            #expect(try await follower.untilProgress(after: seen))
            #expect(TrainingJob.processID(of: job, in: directory) != group)
            #expect(follower.log.contains { $0.hasSuffix("going on from step \(reached)") })
            #expect(follower.points[seen].step == reached + 1)
            #expect(follower.points[seen].elapsedSeconds > follower.points[seen - 1].elapsedSeconds)

            try await executor.cancel(job)
            #expect(try await follower.untilEnd())
            #expect(follower.state == .cancelled)
            #expect(try await executor.find(intent: "long-run") == job)
        }
    }

    @Test(
        "a job that cannot be done as asked fails for good, with its code",
        arguments: [
            ("training.bad_job", 5.0, true), ("training.base_changed", 1e-3, false),
        ])
    func refused(code: String, learningRate: Double, isRightBase: Bool) async throws {
        try await TrainingJob.withDirectory { directory in
            let catalog = TrainingJob.catalog()
            var weights = try await catalog.weights(of: TrainingJob.model)
            await catalog.shutdown()
            if !isRightBase { weights.sha256 = Digest(of: "other weights") }
            let executor = TrainingJob.executor(in: directory)
            let job = try await executor.submit(
                TrainingJob.specification(of: weights, learningRate: learningRate), intent: "bad-run")
            var follower = Follower(executor, job)
            #expect(try await follower.untilEnd())
            guard case .failed(code, _, isTransient: false) = follower.state else {
                Issue.record("the job ended as \(follower.state); it said: \(follower.log)")
                return
            }
            #expect(try String(contentsOfFile: "\(directory)/jobs/\(job)/exit", encoding: .utf8) == "78\n")
            #expect(try await executor.find(intent: "bad-run") == job)
        }
    }

    @Test(
        "how a run ended is read from its folder, and an earlier run's error is not this one's",
        arguments: [
            ("1", "training.no_memory", false), ("75", "training.no_memory", true),
            ("137", "training.crashed", true), (nil, "training.lost", true),
        ])
    func endings(exit: String?, code: String, isTransient: Bool) async throws {
        try await TemporaryDirectory.with { directory in
            let folder = URL(filePath: directory + "/jobs/some-run", directoryHint: .isDirectory)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let said = #"{"event": "error", "code": "training.no_memory", "message": "none left"}"#
            let torn = #"{"event": "progress", "step": 1"#
            if exit != nil { try Data("\(said)\n\(torn)".utf8).write(to: folder.appending(path: "events.jsonl")) }
            if let exit { try Data("\(exit)\n".utf8).write(to: folder.appending(path: "exit")) }
            let update = try await TrainingJob.executor(in: directory).poll("some-run", from: 0)
            guard case .failed(code, _, isTransient: isTransient) = update.state else {
                Issue.record("the job ended as \(update.state)")
                return
            }
            // A line that is not whole yet is read at the next look.
            #expect(update.offset == (exit == nil ? 0 : Int64(said.utf8.count + 1)))
        }
    }

    @Test("what a trainer says of its device, its rows and its answers is told in the log")
    func toldEvents() async throws {
        try await TemporaryDirectory.with { directory in
            let folder = URL(filePath: directory + "/jobs/some-run", directoryHint: .isDirectory)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let said = """
                {"event": "device", "device": "cuda", "name": "H200", "count": 2, "precision": "bf16"}
                {"event": "rows", "learnt": 90, "heldBack": 5, "tooLong": 5, "rows": 100, "share": 0.05}
                {"event": "progress", "step": 4, "steps": 8, "loss": 0.5, "elapsedSeconds": 2.5, "metric": 0.75, \
                "precision": 0.7, "recall": 0.625, "labels": {"a": {"expected": 3, "answered": 2, "right": 2}}}

                """
            try Data(said.utf8).write(to: folder.appending(path: "events.jsonl"))
            let update = try await TrainingJob.executor(in: directory).poll("some-run", from: 0)
            #expect(
                update.log == [
                    "trains on 2 × H200 in bf16", "5 rows are too long, 5.0% of all",
                    "step 4: 75.0% of the held-back rows are answered right, precision 70.0%, recall 62.5%",
                ])
            #expect(update.points.map(\.step) == [4] && update.longRows == LongRowCount(long: 5, rows: 100))
        }
    }

    @Test("a name that could leave the jobs' folder is not an intent", arguments: ["", "../x", "a/b", "A", "x\n"])
    func badIntent(_ intent: String) async throws {
        let executor = TrainingJob.executor(in: "/nonexistent")
        let error = await #expect(throws: FledgeError.self) { try await executor.find(intent: intent) }
        #expect(error?.code == "training.bad_intent")
    }
}
