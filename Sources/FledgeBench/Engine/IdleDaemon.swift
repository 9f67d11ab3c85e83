import CurlClient
import FledgeCore
import FledgeTestKit
import Foundation
import ManagedProcess

/// The daemon's executable with nothing to do, as it is installed: its memory, its time, and the command line beside it.
struct IdleDaemon: Sendable {
    struct Facts: Sendable {
        /// From its start until it answers.
        var secondsToReady: Double
        var residentBytes: Double
        /// CPU seconds a second, while it is idle.
        var cpu: Double
        /// The database server's, for it.
        var serverCPU: Double
        /// Wall time of `fledge status`, from start to end.
        var statusSeconds: [Double]
    }

    let connectionString: String

    /// - Parameter idle: how long it is watched.
    func measure(idle: Duration, statuses: Int) async throws -> Facts {
        try await TemporaryDirectory.with { directory in
            let environment: [String: String?] = [
                "FLEDGE_STATE_DIR": directory + "/state", "FLEDGE_CACHE_HOME": directory + "/cache",
                "FLEDGE_SOCKET": directory + "/run/fledged.sock", "FLEDGE_DATABASE_URL": connectionString,
                "FLEDGE_LOG_LEVEL": "warning",
            ]
            let log = URL(filePath: directory + "/fledged.log")
            let start = ContinuousClock.now
            let daemon = try await ManagedProcess.start(
                Command(try program("fledged"), environment: environment), output: .file(log), errorLog: log,
                bond: .none)
            do {
                let ready = try await secondsToReady(daemon, socket: directory + "/run/fledged.sock", since: start, log)
                let facts = try await watch(daemon, idle: idle, ready: ready)
                let seconds = try await statusSeconds(statuses, environment)
                await daemon.terminate(grace: .seconds(20))
                return Facts(
                    secondsToReady: facts.secondsToReady, residentBytes: facts.residentBytes, cpu: facts.cpu,
                    serverCPU: facts.serverCPU, statusSeconds: seconds)
            } catch {
                await daemon.terminate(grace: .seconds(5))
                throw error
            }
        }
    }

    private func watch(_ daemon: ManagedProcess, idle: Duration, ready: Double) async throws -> Facts {
        // What the start left to do is over by then.
        try await Task.sleep(for: .seconds(2))
        let cpu = CPUTime.ofProcess(daemon.processID, reaped: false)
        let server = try await DurableServer.cpuSeconds()
        try await Task.sleep(for: idle)
        let seconds = idle / .seconds(1)
        return Facts(
            secondsToReady: ready, residentBytes: Self.residentBytes(of: daemon.processID),
            cpu: (CPUTime.ofProcess(daemon.processID, reaped: false) - cpu) / seconds,
            serverCPU: (try await DurableServer.cpuSeconds() - server) / seconds, statusSeconds: [])
    }

    private func secondsToReady(
        _ daemon: ManagedProcess, socket: String, since start: ContinuousClock.Instant, _ log: URL
    ) async throws -> Double {
        let http = CurlClient()
        while start.duration(to: .now) < .seconds(60), daemon.exit == nil {
            var request = HTTPRequest("GET", "http://fledged/readyz", timeout: .seconds(5))
            request.unixSocketPath = socket
            if let answer = try? await http.execute(request), answer.status == 200 {
                return start.duration(to: .now) / .seconds(1)
            }
            try await Task.sleep(for: .milliseconds(1))
        }
        let said = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        throw FledgeError("bench.no_daemon", "fledged is not ready: \(said.suffix(400))", exitCode: .unavailable)
    }

    private func statusSeconds(_ count: Int, _ environment: [String: String?]) async throws -> [Double] {
        var seconds: [Double] = []
        for _ in 0..<count {
            let start = ContinuousClock.now
            let result = try await Command(try program("fledge"), ["status"], environment: environment).run()
            seconds.append(start.duration(to: .now) / .seconds(1))
            guard result.exit.isSuccess else {
                throw FledgeError("bench.no_status", "fledge status: \(result.errorOutput.suffix(400))")
            }
        }
        return seconds
    }

    /// The executable of that name beside this one.
    private func program(_ name: String) throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(filePath: own).deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw FledgeError(
                "bench.no_program", "there is no \(name) beside FledgeBench", hint: "swift build -c release",
                exitCode: .usage)
        }
        return path
    }

    private static func residentBytes(of pid: Int32) -> Double {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan) * 1024
    }
}
