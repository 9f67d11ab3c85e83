import FledgeClient
import FledgeCore
import FledgeEngine
import FledgePostgres
import Foundation
import Glibc
import ManagedProcess

/// The daemon as a process of its own, started and stopped from the command line.
struct DaemonProcess {
    static let programVariable = EnvironmentVariable.daemonProgram.rawValue

    enum Start {
        case started(Int32, log: String)
        case wasRunning(Int32)

        var sentence: String {
            switch self {
            case .started(let id, let log): "the daemon runs as process \(id); its log is \(log)"
            case .wasRunning(let id): "the daemon was running already, as process \(id)"
            }
        }
    }

    let paths: StatePaths
    let environment: [String: String]

    private var client: ControlClient { ControlClient(socket: paths.socket) }

    /// Starts it in a session of its own and waits until it is ready.
    func start(limit: Duration, report: (String) -> Void) async throws -> Start {
        if let status = try? await client.daemonStatus() { return .wasRunning(status.processID) }
        try paths.create(passableBy: ClusterUser.required()?.groupID)
        let program = try daemonProgram()
        report("starting \(program)")
        let logStart = (try? FileManager.default.attributesOfItem(atPath: paths.daemonLog)[.size] as? Int) ?? 0
        let child = try await spawn(program)
        let client = client
        let deadline = ContinuousClock.now + limit
        while !(await client.isReady()) {
            if let exit = child.exit { throw failure(exit, logStart: logStart) }
            guard ContinuousClock.now < deadline else {
                throw FledgeError(
                    "daemon.start_slow", "the daemon is not ready yet", place: paths.daemonLog,
                    hint: "look at its log, then fledge daemon status")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        return .started(child.processID, log: paths.daemonLog)
    }

    /// Asks it to stop and waits until it has. - Returns: false when it did not run.
    func stop(limit: Duration) async throws -> Bool {
        guard let identity = await runningProcess() else { return false }
        guard kill(identity.processID, SIGTERM) == 0 else {
            throw FledgeError(
                "daemon.cannot_stop",
                "process \(identity.processID) can't be stopped: \(String(cString: strerror(errno)))",
                hint: "run this as the user that started it")
        }
        let deadline = ContinuousClock.now + limit
        while identity.isRunning {
            guard ContinuousClock.now < deadline else {
                throw FledgeError(
                    "daemon.stop_slow", "the daemon, process \(identity.processID), has not stopped yet",
                    place: paths.daemonLog, hint: "wait a little longer, or kill it: nothing is lost")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        return true
    }

    /// The process that answers on the socket, or else the one in the pid file, if that is a daemon.
    private func runningProcess() async -> ProcessIdentity? {
        if let status = try? await client.daemonStatus() { return ProcessIdentity(processID: status.processID) }
        guard let text = try? String(contentsOfFile: paths.pidFile, encoding: .utf8),
            let id = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)),
            // A number is given away again: the process has to be what we look for.
            let name = try? String(contentsOfFile: "/proc/\(id)/comm", encoding: .utf8), name.hasPrefix("fledged"),
            let identity = ProcessIdentity(processID: id), identity.isRunning
        else { return nil }
        return identity
    }

    private func daemonProgram() throws -> String {
        if let chosen = environment[Self.programVariable], !chosen.isEmpty { return chosen }
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let beside = own.deletingLastPathComponent().appending(path: "fledged").path(percentEncoded: false)
        guard access(beside, X_OK) == 0 else {
            throw FledgeError(
                "daemon.program_missing", "there is no fledged beside this program", place: beside,
                hint: "install both together, or name it in \(Self.programVariable)")
        }
        return beside
    }

    /// In a session of its own, so that an interrupt at this terminal, or its end, is not the daemon's, and with nothing else
    /// that whoever calls this has open.
    private func spawn(_ program: String) async throws -> ManagedProcess {
        var variables = environment
        variables[StatePaths.stateVariable] = paths.state
        variables[StatePaths.socketVariable] = paths.socket
        variables[StatePaths.cacheVariable] = paths.cache
        let log = URL(filePath: paths.daemonLog)
        do {
            return try await ManagedProcess.start(
                Command(program, environment: variables, inheritsEnvironment: false), output: .file(log), errorLog: log,
                bond: .none)
        } catch let error as ProcessError {
            throw FledgeError(
                "daemon.program_missing", "the daemon can't be started: \(error.message)", place: program,
                hint: "check \(Self.programVariable) and the log's folder \(paths.logs)")
        }
    }

    /// The daemon's own last words and status.
    private func failure(_ exit: ProcessExit, logStart: Int) -> FledgeError {
        let code =
            switch exit {
            case .exited(let code): code
            case .signalled(let signal): 128 + signal
            }
        let log = FileManager.default.contents(atPath: paths.daemonLog) ?? Data()
        let words = String(decoding: log.dropFirst(logStart), as: UTF8.self).split(separator: "\n").suffix(6)
        let message =
            words.isEmpty
            ? "the daemon ended at once, with status \(code)"
            : "the daemon ended at once, with status \(code):\n  " + words.joined(separator: "\n  ")
        return FledgeError(
            "daemon.start_failed", message, hint: "its log is \(paths.daemonLog); fledge doctor checks every part",
            exitCode: code == 0 ? .software : ExitStatus(rawValue: code) ?? .software)
    }
}
