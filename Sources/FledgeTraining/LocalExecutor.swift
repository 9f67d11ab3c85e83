import FledgeCore
import FledgeEngine
import Foundation
import Glibc
import Logging
import ManagedProcess

/// Trains on this machine, in a process that lives on when the daemon dies.
///
/// A job is a folder named after its intent: what it was asked (`job.json`), what it says (`events.jsonl`, `trainer.log`),
/// its process (`pid`), how it ended (`exit`) and what it made (`output/`). A lock on the folder is held for as long as the
/// trainer runs, so that there is never a second one, whoever asks and whatever was lost in a crash. The trainer itself runs in
/// a sandbox.
package struct LocalExecutor: TrainingExecutor {
    package let name = "local"
    package let limit: ExecutorLimit?
    private typealias Installation =
        @Sendable (@escaping @Sendable (String) -> Void) async throws -> TrainerInstallation.Installed
    private let jobsDirectory: URL
    private let cache: URL
    private let trainer: TrainerInstallation
    private let installation: Installation
    /// Where bubblewrap is looked for.
    private let variables: [String: String]
    private let patience: TrainerShell.Patience
    private let logger: Logger
    private let now: @Sendable () -> Date

    /// - Parameter atOnce: how many jobs run on this machine at once; nil for as many as come.
    package init(
        jobsDirectory: String, cacheDirectory: String, atOnce: Int? = nil, logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.init(
            jobsDirectory: jobsDirectory, cacheDirectory: cacheDirectory, atOnce: atOnce, logger: logger, now: now,
            variables: ProcessInfo.processInfo.environment, installed: nil)
    }

    /// - Parameters:
    ///   - variables: where bubblewrap is looked for.
    ///   - installed: a trainer in place of the one that comes with Fledge.
    ///   - patience: how long a trainer that should end is waited for, until it is ended by force.
    init(
        jobsDirectory: String, cacheDirectory: String, atOnce: Int? = nil, logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() }, variables: [String: String],
        installed: TrainerInstallation.Installed?, patience: TrainerShell.Patience = TrainerShell.Patience()
    ) {
        self.patience = patience
        self.now = now
        limit = atOnce.map {
            ExecutorLimit(resource: "executor:local@\(ProcessInfo.processInfo.hostName)", places: $0)
        }
        self.jobsDirectory = URL(fileURLWithPath: jobsDirectory, isDirectory: true)
        cache = URL(fileURLWithPath: cacheDirectory, isDirectory: true)
        let trainer = TrainerInstallation(cacheDirectory: cache)
        self.trainer = trainer
        if let installed {
            installation = { _ in installed }
        } else {
            installation = { try await trainer.prepare(progress: $0) }
        }
        self.variables = variables
        self.logger = logger
    }

    /// Exit statuses after which a new submission continues from the last checkpoint.
    static let tryAgain: Int32 = 75
    private static let startDeadline = Duration.seconds(20)

    package func find(intent: String) async throws -> String? {
        let job = try folder(of: intent)
        // What another submission may mend has to be submitted again, and is no job to follow.
        return try job.isRunning || !end(of: job).mayGoOn ? intent : nil
    }

    package func submit(_ specification: TrainingSpec, intent: String) async throws -> String {
        let job = try folder(of: intent)
        if try job.isRunning { return intent }
        let logger = logger
        let progress: @Sendable (String) -> Void = { logger.info("\($0)", metadata: ["part": "trainer"]) }
        let installed = try await installation(progress)
        do { try await start(specification, in: job, installed, progress) } catch let error as ProcessError {
            throw FledgeError(error)
        }
        return intent
    }

    /// Waits until the trainer's shell holds the job, or has ended.
    private func awaitStart(of job: JobFolder) async throws {
        let deadline = ContinuousClock.now + Self.startDeadline
        while try !(job.isRunning && job.processID != nil), try job.exitStatus == nil {
            guard ContinuousClock.now < deadline else {
                let holder = try job.holder
                throw FledgeError(
                    "training.not_started",
                    "the trainer's process did not start" + (holder.map { ": \($0) holds the job's lock" } ?? ""),
                    place: job.log.path,
                    hint: holder == nil ? "fledge doctor checks what it needs" : "end that process")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// What the trainer gets besides how the machine is laid out.
    static let trainerVariables: [String: String] = [
        "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONUNBUFFERED": "1",
    ]

    /// The trainer sees its scripts, its job, the base weights and its output, which is all that it can write.
    private func start(
        _ specification: TrainingSpec, in job: JobFolder, _ installed: TrainerInstallation.Installed,
        _ progress: @escaping @Sendable (String) -> Void
    ) async throws {
        let warn: @Sendable (String) -> Void = { [logger] in logger.warning("\($0)", metadata: ["part": "trainer"]) }
        var workplace = try await PythonWorkplace.prepare(
            installed.environment, as: .trainer, variables: variables, warn: warn)
        if let user = workplace.otherUser {
            // Before anything is written, checks that the trainer's user can be given the files of a job.
            try PrivateFolder.make(jobsDirectory.path)
            if !workplace.isUnprivileged, let problem = FileOwners.problem(in: jobsDirectory.path, for: user) {
                throw problem
            }
        }
        try workplace.open(installed.scripts.path)
        let base = specification.baseWeights
        let weights = WeightsPlaces(base.path)
        // A packaged model's lie in the cache, closed like all that the daemon makes.
        if base.path.hasPrefix(cache.path + "/") { try workplace.open(base.path) }
        workplace = try await workplace.reaching(
            [.init(installed.scripts.path)] + weights.read, through: [jobsDirectory.path, cache.path], warn: warn)
        let turn = try await job.turn()
        defer { turn.release() }
        if try job.isRunning { return }
        try job.create(specification)
        if workplace.isUnprivileged { closeEnded() }
        workplace = try workplace.alone(in: job.url.path)
        workplace = try workplace.showing(job.job.path, warn: warn)
        try workplace.give(job.output.path)
        try await weights.check(in: workplace, for: "the trainer")
        var isFolder: ObjCBool = false
        let dequantised = DequantisedWeights(cache: trainer.weightsCache, base: base)
        if FileManager.default.fileExists(atPath: base.path, isDirectory: &isFolder), !isFolder.boolValue {
            workplace = try await dequantised.prepare(for: job, installed, workplace, progress: progress, warn: warn)
        }
        let command = try await workplace.command(
            [
                "-B", installed.script.path, "job.json", "--output", "output", "--cache", trainer.weightsCache.path,
            ] + installed.options,
            sees: weights.all + [
                .init(installed.scripts.path), .init(dequantised.folder.path, isOptional: true), .init(job.job.path),
                .init(job.output.path, isWritable: true),
            ], in: job.url, environment: Self.trainerVariables, network: .own, devices: true, filter: job.filter,
            holder: .caller)
        try job.markBegin()
        _ = try await ManagedProcess.start(
            TrainerShell.command(
                command, in: job, isSandboxed: workplace.isSandboxed, limitSeconds: specification.limitSeconds,
                patience: patience), output: .file(job.events), errorLog: job.log, bond: .none)
        try await awaitStart(of: job)
    }

    /// Closes the folders of jobs that have ended without closing them: each keeps one of the numbers that there are for those
    /// that run.
    private func closeEnded() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: jobsDirectory.path)) ?? [] {
            JobFolder(url: jobsDirectory.appending(path: name, directoryHint: .isDirectory), now: now).closeAfterEnd()
        }
    }

    /// A trainer that finds its adapter does not train.
    package func answerAgain(_ specification: TrainingSpec, intent: String) async throws {
        _ = try await submit(specification, intent: intent)
    }

    package func poll(_ externalID: String, from offset: Int64) async throws -> TrainingUpdate {
        let job = try folder(of: externalID)
        guard try job.isThere else {
            throw FledgeError("training.lost", "there is no training job \(externalID)", place: job.url.path)
        }
        // How the run ended is read before the events, so that events written between the two are not missed.
        let isRunning = try job.isRunning
        let exit = isRunning ? nil : try job.exitStatus
        var page: TrainerEvents.Page
        let state: TrainingUpdate.State
        do {
            page = try TrainerEvents.read(job.events, from: offset)
            // The end is reported only after all of the run's events have been.
            state = isRunning || page.hasMore ? .running : try self.state(of: job, exit: exit)
        } catch let error as FledgeError where error.code == .badOutput {
            // It goes on writing, and its end is not waited for.
            if isRunning, let pid = try job.processID { _ = kill(-pid, SIGKILL) }
            page = TrainerEvents.Page(offset: offset)
            state = Self.badOutput(error)
        }
        if !isRunning { job.closeAfterEnd() }
        if !isRunning, let stranger = try job.stranger {
            page.log.append("the trainer has ended; \(stranger) goes on holding the job's lock, and is not waited for")
        }
        return TrainingUpdate(
            state: state, points: page.points, totalSteps: page.totalSteps,
            etaSeconds: page.etaSeconds, log: page.log, offset: page.offset,
            phase: page.phase, longRows: page.longRows)
    }

    package func cancel(_ externalID: String) async throws {
        let job = try folder(of: externalID)
        // A job that has ended for good stays as it ended, and a run of it that is being started ends at once.
        try job.markCancelled()
        if try job.isRunning, let pid = try job.processID { _ = kill(-pid, SIGTERM) }
    }

    /// How a job that does not run has ended.
    private func end(of job: JobFolder) throws(FledgeError) -> TrainingUpdate.State {
        do { return try state(of: job, exit: job.exitStatus) } catch {
            guard error.code == .badOutput else { throw error }
            return Self.badOutput(error)
        }
    }

    private static func badOutput(_ error: FledgeError) -> TrainingUpdate.State {
        .failed(code: error.code.rawValue, message: error.message, isTransient: false)
    }

    /// - Throws: where what the trainer said can't be read: that is no end of the job.
    private func state(of job: JobFolder, exit: Int32?) throws(FledgeError) -> TrainingUpdate.State {
        let found = try stateUnlessCancelled(of: job, exit: exit)
        guard found.mayGoOn else { return found }
        return try job.isCancelled ? .cancelled : found
    }

    private func stateUnlessCancelled(of job: JobFolder, exit: Int32?) throws(FledgeError) -> TrainingUpdate.State {
        let begin = try job.begin
        let force = try job.force
        let ending = try TrainerEvents.ending(of: job.events, from: Int64(clamping: begin.events))
        switch (exit, ending) {
        case (0, .done(let directory, let answers, let baseAnswers, let steps, let seconds, let scores)?):
            guard let adapter = try job.adapter(directory) else {
                return .failed(
                    code: FledgeError.Code.badOutput.rawValue,
                    message: "the trainer named an adapter that is not in its output",
                    isTransient: false)
            }
            return .finished(
                adapterDirectory: adapter.path, goldenAnswers: answers, baseAnswers: baseAnswers, steps: steps,
                seconds: seconds, scores: scores)
        case (Self.tryAgain, .error(let code, let message)?):
            return .failed(code: code, message: message, isTransient: true)
        case (Self.tryAgain, _):
            return .failed(
                code: "training.stopped", message: "the trainer was stopped and left a checkpoint", isTransient: true)
        case (let status?, .error(let code, let message)?) where status <= 128:
            return .failed(code: code, message: message, isTransient: false)
        case (let status, _) where force == .limit && (status ?? .max) > 128:
            return .failed(
                code: "training.over_limit",
                message: "the trainer went on long after its time limit, and was ended: see \(job.log.path)",
                isTransient: false)
        case (nil, _) where force == .deaf:
            return .failed(
                code: "training.stopped",
                message: "the trainer did not end by itself when it was to stop, and was ended by force",
                isTransient: true)
        case (let status?, _):
            let (run, size) = try job.reading { () throws(ProcessError) in
                (try FailedRun(.exited(status), log: job.log, from: begin.log), try FailedRun.size(of: job.events))
            }
            // What the trainer wrote before it had read its job can hold nothing of the job's rows.
            let words = size == begin.events ? run.lastWords : nil
            return .failed(
                code: "training.crashed",
                message: "the trainer ended with status \(status)" + (words.map { " before it began: \($0)" } ?? "")
                    + ": see \(job.log.path)", isTransient: status > 128 || words != nil && run.mayPass)
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
        return JobFolder(url: jobsDirectory.appending(path: intent, directoryHint: .isDirectory), now: now)
    }
}
