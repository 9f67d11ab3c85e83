import FledgeCore
import FledgeEngine
import Foundation
import Glibc
import Logging
import ManagedProcess

/// Trains on this machine, in a process that lives on when the daemon dies.
///
/// A job is a folder named after its intent: what it was asked (`job.json`), what it says (`events.jsonl`, `trainer.log`),
/// its process (`pid`), how it ended (`exit`) and what it made (`output/`). The trainer holds a lock on the folder for as
/// long as it runs, so that there is never a second one, whoever asks and whatever was lost in a crash.
package struct LocalExecutor: Executor {
    package let name = "local"
    package let limit: ExecutorLimit?
    private let jobsDirectory: URL
    private let trainer: TrainerInstallation
    private let logger: Logger

    /// - Parameter atOnce: how many jobs run on this machine at once; nil for as many as come.
    package init(jobsDirectory: String, cacheDirectory: String, atOnce: Int? = nil, logger: Logger) {
        limit = atOnce.map {
            ExecutorLimit(resource: "executor:local@\(ProcessInfo.processInfo.hostName)", places: $0)
        }
        self.jobsDirectory = URL(fileURLWithPath: jobsDirectory, isDirectory: true)
        trainer = TrainerInstallation(cacheDirectory: URL(fileURLWithPath: cacheDirectory, isDirectory: true))
        self.logger = logger
    }

    /// Exit statuses that a new submission goes on from.
    private static let tryAgain: Int32 = 75
    private static let startDeadline = Duration.seconds(20)

    package func find(intent: String) async throws -> String? {
        let job = try folder(of: intent)
        if job.isRunning || job.isCancelled { return intent }
        guard let exit = job.exitStatus, exit != Self.tryAgain else { return nil }
        return intent
    }

    package func submit(_ specification: TrainingSpec, intent: String) async throws -> String {
        let job = try folder(of: intent)
        if job.isRunning { return intent }
        let logger = logger
        let installed = try await trainer.prepare { logger.info("\($0)", metadata: ["part": "trainer"]) }
        try job.create(specification)
        // The lock is waited for: whoever looks whether it is held takes it for a moment. The shell waits for the trainer
        // also after SIGTERM, to write down how it ended. Descriptor 9, and with it the lock, passes to the trainer.
        let script = """
            exec 9>lock; flock -w 5 9 || exit 0
            rm -f exit; echo $$ > pid; trap : TERM
            "$@" & trainer=$!
            while :; do wait $trainer; status=$?; kill -0 $trainer 2>/dev/null || break; done
            echo $status > exit.partial; mv exit.partial exit
            """
        let command = Command(
            "/bin/sh",
            [
                "-c", script, "fledge-trainer", installed.python.path, "-B", installed.script.path, "job.json",
                "--output", "output", "--cache", trainer.weightsCache.path,
            ] + installed.options,
            environment: ["HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONUNBUFFERED": "1"],
            workingDirectory: job.url)
        _ = try await ManagedProcess.start(
            command, output: .file(job.events), errorLog: job.log, bond: .none)
        let deadline = ContinuousClock.now + Self.startDeadline
        while !(job.isRunning && job.processID != nil), job.exitStatus == nil {
            guard ContinuousClock.now < deadline else {
                throw FledgeError(
                    "training.not_started", "the trainer's process did not start", place: job.log.path,
                    hint: "fledge doctor checks what it needs", exitCode: .tryAgain)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        return intent
    }

    /// A trainer that finds its adapter does not train.
    package func answerAgain(_ specification: TrainingSpec, intent: String) async throws {
        _ = try await submit(specification, intent: intent)
    }

    package func poll(_ externalID: String, from offset: Int64) async throws -> TrainingUpdate {
        let job = try folder(of: externalID)
        // The end is looked at first: events that are written in between are read below.
        let isRunning = job.isRunning
        let exit = isRunning ? nil : job.exitStatus
        let page = try TrainerEvents.read(job.events, from: offset)
        return TrainingUpdate(
            state: isRunning ? .running : state(of: job, exit: exit), points: page.points, totalSteps: page.totalSteps,
            etaSeconds: page.etaSeconds, log: page.log, offset: page.offset,
            phase: page.phase)
    }

    package func cancel(_ externalID: String) async throws {
        let job = try folder(of: externalID)
        try job.markCancelled()
        if job.isRunning, let pid = job.processID { _ = kill(-pid, SIGTERM) }
    }

    private func state(of job: JobFolder, exit: Int32?) -> TrainingUpdate.State {
        if job.isCancelled, exit != 0 { return .cancelled }
        let ending = TrainerEvents.ending(of: job.events)
        switch (exit, ending) {
        case (0, .done(let directory, let answers, let baseAnswers, let steps, let seconds)?):
            let absolute = URL(fileURLWithPath: directory, relativeTo: job.url).standardizedFileURL.path
            return .finished(
                adapterDirectory: absolute, goldenAnswers: answers, baseAnswers: baseAnswers, steps: steps,
                seconds: seconds)
        case (Self.tryAgain, .error(let code, let message)?):
            return .failed(code: code, message: message, isTransient: true)
        case (Self.tryAgain, _):
            return .failed(
                code: "training.stopped", message: "the trainer was stopped and left a checkpoint", isTransient: true)
        case (let status?, .error(let code, let message)?) where status <= 128:
            return .failed(code: code, message: message, isTransient: false)
        case (let status?, _):
            return .failed(
                code: "training.crashed", message: "the trainer ended with status \(status): see \(job.log.path)",
                isTransient: status > 128)
        case (nil, _):
            return .failed(
                code: "training.lost", message: "the trainer's process is gone without a word", isTransient: true)
        }
    }

    private func folder(of intent: String) throws(FledgeError) -> JobFolder {
        let isPlain =
            !intent.isEmpty
            && intent.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
            }
        guard isPlain else { throw FledgeError("training.bad_intent", "\(intent) is not the name of an intent") }
        return JobFolder(url: jobsDirectory.appending(path: intent, directoryHint: .isDirectory))
    }
}
