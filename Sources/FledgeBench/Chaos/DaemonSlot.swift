import FledgeClient
import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
import ManagedProcess
import Synchronization

/// The place of one real `fledged` of an arena: whoever is started in it takes the place's socket and provider's port.
final class DaemonSlot: Sendable {
    /// One process of a place.
    struct Life: Sendable {
        var daemon: Int
        var process: Int32
        var from: Date
        var to: Date
    }

    let number: Int
    let client: ControlClient
    /// Who is started here, in turns.
    private let programs: [String]
    private let socket: String
    private let log: URL
    private let place: URL
    private let environment: Mutex<[String: String?]>
    private let process = Mutex<ManagedProcess?>(nil)
    private let past = Mutex<[Life]>([])
    private let faults: FaultLog

    /// - Parameter before: a `fledged` of the version before, which takes turns with this one's.
    init(
        number: Int, directory: String, environment: [String: String?], faults: FaultLog, before: String? = nil
    ) throws {
        self.number = number
        self.faults = faults
        programs = try [Self.findProgram()] + (before.map { [try Self.executable($0)] } ?? [])
        socket = "\(directory)/d\(number)/fledged.sock"
        log = URL(fileURLWithPath: "\(directory)/log/daemon-\(number).log")
        place = URL(fileURLWithPath: "\(directory)/d\(number)", isDirectory: true)
        client = ControlClient(socket: socket)
        try FileManager.default.createDirectory(
            atPath: "\(directory)/d\(number)", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        self.environment = Mutex(environment.merging([StatePaths.socketVariable: socket]) { $1 })
    }

    var isRunning: Bool { process.withLock { $0.map { $0.exit == nil } ?? false } }

    /// Of the daemon that runs.
    var processID: Int32? { process.withLock { $0.flatMap { $0.exit == nil ? $0.processID : nil } } }

    /// Changes a variable for the daemons that are started from now on; nil takes it away.
    func set(_ variable: String, _ value: String?) {
        environment.withLock { _ = $0.updateValue(value, forKey: variable) }
    }

    /// Starts a daemon and does not wait until it is ready.
    func start() async throws {
        let environment = environment.withLock { $0 }
        let program = programs[(number + lives.count) % programs.count]
        let started = try await ManagedProcess.start(
            Command(program, environment: environment, workingDirectory: place), errorLog: log, bond: .none)
        process.withLock { $0 = started }
        past.withLock { lives in
            if let last = lives.indices.last { lives[last].to = min(lives[last].to, Date()) }
            lives.append(Life(daemon: number, process: started.processID, from: Date(), to: .distantFuture))
        }
    }

    /// Every process that has worked here.
    var lives: [Life] { past.withLock { $0 } }

    /// Waits until the daemon answers. - Returns: false when it has not after the limit.
    func isReady(within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if isRunning, await client.isReady() { return true }
            do { try await Task.sleep(for: .milliseconds(50)) } catch { return false }
        }
        return false
    }

    /// SIGKILL: it gets no chance to say or to write anything more.
    func kill() async {
        guard let running = process.withLock({ $0 }) else { return }
        let from = Date()
        _ = Glibc.kill(running.processID, SIGKILL)
        _ = await running.waitForExit()
        noteEnd(from: from)
    }

    /// On a busy machine the provider may read what a daemon has asked a moment after that daemon's end.
    private func noteEnd(from: Date) {
        faults.note(.ended, daemon: number, from: from, to: Date().addingTimeInterval(1))
    }

    /// Notes a daemon that ended by itself (at a crash point) and waits for it. - Returns: false when it had not by then.
    func waitForOwnEnd(within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while isRunning, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
        guard !isRunning else { return false }
        noteEnd(from: Date().addingTimeInterval(-0.1))
        return true
    }

    /// Waits for a daemon that stops by itself. - Returns: false when it had not by then.
    func isHeldUp(within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            guard let processID else { return false }
            let state = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
            if state?.contains("State:\tT") == true { return true }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return false }
        }
        return false
    }

    func signal(_ signal: Int32) {
        guard let running = process.withLock({ $0 }), running.exit == nil else { return }
        _ = Glibc.kill(running.processID, signal)
    }

    /// SIGTERM, and force when it takes too long.
    func stop() async {
        guard let running = process.withLock({ $0 }), running.exit == nil else { return }
        let from = Date()
        _ = Glibc.kill(running.processID, SIGCONT)
        _ = Glibc.kill(running.processID, SIGTERM)
        let deadline = ContinuousClock.now + .seconds(20)
        while running.exit == nil, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
        if running.exit == nil { _ = Glibc.kill(running.processID, SIGKILL) }
        _ = await running.waitForExit()
        noteEnd(from: from)
    }

    private static func findProgram() throws -> String {
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return try executable(
            own.deletingLastPathComponent().appending(path: "fledged-rehearsal").path(percentEncoded: false))
    }

    private static func executable(_ path: String) throws -> String {
        guard access(path, X_OK) == 0 else {
            throw FledgeError(
                "chaos.no_daemon", "there is no daemon to start", place: path,
                hint: "build it in the same configuration: swift build", exitCode: .usage)
        }
        return path
    }
}
