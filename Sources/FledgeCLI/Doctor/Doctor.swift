import FledgeClient
import FledgeCore
import FledgeEngine
import FledgePostgres
import Foundation
import Glibc
import Logging
import ManagedProcess
import PostgresClient

/// Checks every part that Fledge stands on.
struct Doctor {
    let paths: StatePaths
    let environment: [String: String]

    func examine() async -> [DoctorFinding] {
        let trial = await Sandbox(environment: environment)?.trial() ?? .impossible(Sandbox.missing)
        var findings = [folder("state", paths.state, trial), folder("cache", paths.cache, trial)]
        findings += await daemon()
        findings += await adapters()
        findings.append(await database())
        findings.append(await python())
        findings.append(environments())
        findings.append(compiler())
        findings.append(await sandbox(trial))
        findings += DoctorFinding.devices(isMissing: UnifiedMemoryDevice(variables: environment).isMissing)
        findings.append(library())
        return findings
    }

    /// The folder, or what is there of the way to it.
    private static func existing(_ path: String) -> String {
        var existing = path
        while !FileManager.default.fileExists(atPath: existing), existing != "/", !existing.isEmpty {
            existing = (existing as NSString).deletingLastPathComponent
        }
        return existing
    }

    private func folder(_ part: String, _ path: String, _ trial: Sandbox.Trial) -> DoctorFinding {
        let existing = Self.existing(path)
        guard access(existing, W_OK | X_OK) == 0 else {
            return DoctorFinding(
                part: part, state: .problem, detail: "\(existing) is not writable",
                todo:
                    "choose another folder with \(part == "state" ? StatePaths.stateVariable : StatePaths.cacheVariable)",
                exitStatus: .configuration)
        }
        // Trainings and the local model server run as users of their own where the daemon is root. Where no sandbox can be
        // made they run as root then, which is told of with the sandbox.
        if geteuid() == 0, !trial.isImpossible, let problem = FileOwners.problem(in: existing) {
            return DoctorFinding(
                part: part, state: .problem, detail: problem.message, todo: problem.hint, exitStatus: .configuration)
        }
        let facts = try? FileManager.default.attributesOfFileSystem(forPath: existing)
        guard let free = (facts?[.systemFreeSize] as? NSNumber)?.int64Value else {
            return DoctorFinding(part: part, state: .ok, detail: path)
        }
        let gigabytes = String(format: "%.1f GB free", Double(free) / 1e9)
        // The trainer's environment alone takes 1.4 GB.
        return free < 3_000_000_000
            ? DoctorFinding(
                part: part, state: .problem, detail: "\(path): \(gigabytes)",
                todo: "make room: training needs about 3 GB",
                exitStatus: .unavailable)
            : DoctorFinding(part: part, state: .ok, detail: "\(path), \(gigabytes)")
    }

    private func daemon() async -> [DoctorFinding] {
        do {
            let client = try DaemonAddress(environment: environment).client()
            let status = try await client.daemonStatus()
            return Self.findings(of: status, on: "\(client.place)")
        } catch let error as FledgeError where error.code != .daemonNotRunning {
            return [problem("daemon", error)]
        } catch {
            return [
                DoctorFinding(
                    part: "daemon", state: .note, detail: "not running (\(paths.socket))", todo: "fledge daemon start")
            ]
        }
    }

    /// What a running daemon says of itself.
    static func findings(of status: DaemonStatus, on place: String) -> [DoctorFinding] {
        let detail = "fledged \(status.version), process \(status.processID), on \(place)"
        var findings = [DoctorFinding(part: "daemon", state: .ok, detail: detail)]
        if let dead = status.deadWork, dead > 0 {
            findings = [
                DoctorFinding(
                    part: "daemon", state: .note, detail: "\(detail); \(dead) pieces of dead work",
                    todo: "fledge work --state dead")
            ]
        }
        // What waits for its first try is no failure.
        if let delay = status.auditDelay, let problem = delay.problem {
            findings.append(
                DoctorFinding(
                    part: "webhook", state: .problem, detail: DaemonText.delay(delay), todo: problem.hint,
                    exitStatus: .unavailable))
        }
        return findings
    }

    /// The files of the adapters that champions use; nothing without a daemon, which is told of apart.
    private func adapters() async -> [DoctorFinding] {
        guard let client = try? DaemonAddress(environment: environment).client(),
            let checks = try? await client.championAdapters()
        else { return [] }
        return Self.findings(of: checks)
    }

    /// One for each adapter whose files are not what was stored.
    static func findings(of checks: [AdapterCheckResult]) -> [DoctorFinding] {
        let broken = checks.filter { $0.problem != nil }
        guard broken.isEmpty else {
            return broken.map { check in
                DoctorFinding(
                    part: "adapters", state: .problem,
                    detail: "\(check.useCase), release \(check.release): \(check.problem?.message ?? "")",
                    todo: check.problem?.hint, exitStatus: .unavailable)
            }
        }
        if checks.isEmpty { return [] }
        return [
            DoctorFinding(
                part: "adapters", state: .ok,
                detail: "the files of \(checks.count) champions' adapters are what was stored")
        ]
    }

    private func database() async -> DoctorFinding {
        guard let text = DatabaseLocation.resolve(environment: environment).connectionString else {
            do {
                let programs = try await PostgresBinaries.find(environment: environment)
                return DoctorFinding(
                    part: "database", state: .ok,
                    detail: "a private one, by PostgreSQL \(programs.major) in \(programs.directory)")
            } catch {
                return problem("database", error)
            }
        }
        let logger = Logger(label: "fledge") { _ in SwiftLogNoOpLogHandler() }
        let pool = PostgresPool(PostgresConfiguration(connectionString: text, maximumConnections: 1), logger: logger)
        let finding: DoctorFinding
        do {
            let version = try await pool.query("SHOW server_version").first?.get("server_version", as: String.self)
            finding = DoctorFinding.database(
                version: version, isSuperuser: try await DatabaseRights.isSuperuser(pool))
        } catch {
            finding = problem("database", error)
        }
        await pool.shutdown()
        return finding
    }

    private func python() async -> DoctorFinding {
        do {
            let python = try await PythonInterpreter.find()
            return DoctorFinding(part: "python", state: .ok, detail: "\(python.version) at \(python.path), with venv")
        } catch {
            return problem("python", error)
        }
    }

    private func environments() -> DoctorFinding {
        var made: [String] = []
        let files = FileManager.default.enumerator(atPath: paths.cache)
        while let file = files?.nextObject() as? String {
            if file.split(separator: "/").count > 3 { files?.skipDescendants() }
            if file.hasSuffix("/.ready") { made.append(String(file.dropLast(7))) }
        }
        return made.isEmpty
            ? DoctorFinding(
                part: "models", state: .note, detail: "the Python environments are not made yet",
                todo: "they are made when they are first needed (about 130 MB to serve, 1.4 GB to train)")
            : DoctorFinding(part: "models", state: .ok, detail: made.sorted().joined(separator: ", "))
    }

    private func compiler() -> DoctorFinding {
        let chosen = environment[DefinitionCompiler.compilerVariable].flatMap { $0.isEmpty ? nil : $0 }
        let candidates =
            chosen.map { [$0] }
            ?? (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/swiftc" }
        if let found = candidates.first(where: { access($0, X_OK) == 0 }) {
            return DoctorFinding(part: "swiftc", state: .ok, detail: found)
        }
        return DoctorFinding(
            part: "swiftc", state: .problem, detail: "not found: definitions are compiled with it",
            todo: "install Swift 6.2 or later, or set \(DefinitionCompiler.compilerVariable)", exitStatus: .unavailable)
    }

    private func sandbox(_ trial: Sandbox.Trial) async -> DoctorFinding {
        if case .impossible(let obstacle) = trial, geteuid() == 0 {
            do {
                for user in [Sandbox.User.trainer, .server] {
                    let hindrance = try await PythonWorkplace.hindrance(
                        to: user, through: paths.passedUnopened,
                        givenIn: [paths.state, paths.cache].map(Self.existing))
                    if let hindrance { return DoctorFinding.sandbox(trial, user: "root", hindrance: hindrance) }
                }
                return DoctorFinding.sandbox(trial, user: DoctorFinding.unprivileged)
            } catch {
                let words = (error as? ProcessError)?.message ?? "\(error)"
                return DoctorFinding.sandbox(.failed("\(obstacle); \(words)"), user: "root")
            }
        }
        guard trial == .made else { return DoctorFinding.sandbox(trial, user: "you") }
        let cache = URL(filePath: paths.cache, directoryHint: .isDirectory)
        for (user, name, folder, work) in [
            (Sandbox.User.trainer, "trainer", cache, "trainings"),
            (.server, "server", cache.appending(path: "python"), "the local model server"),
        ] {
            let environment = PythonEnvironment.newest(name, in: folder)
            // Without an interpreter that can make environments there is nothing to try; another finding reports that.
            if environment == nil, (try? await PythonInterpreter.find()) == nil { continue }
            if let obstacle = await PythonWorkplace.obstacle(to: user, in: environment, variables: self.environment) {
                return DoctorFinding.sandbox(obstacle, stops: work)
            }
        }
        return DoctorFinding.sandbox(trial, user: "you")
    }

    private func library() -> DoctorFinding {
        do {
            return DoctorFinding(part: "DSL", state: .ok, detail: try DSLLibrary.locate(environment: environment).path)
        } catch {
            return problem("DSL", error)
        }
    }

    private func problem(_ part: String, _ error: any Error) -> DoctorFinding {
        guard let failure = Failure(error)?.error else {
            return DoctorFinding(part: part, state: .problem, detail: "\(error)", exitStatus: .unavailable)
        }
        return DoctorFinding(
            part: part, state: .problem, detail: failure.message, todo: failure.hint, exitStatus: failure.exitCode)
    }
}
