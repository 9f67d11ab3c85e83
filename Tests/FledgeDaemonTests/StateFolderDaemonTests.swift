import FledgeClient
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Glibc
import ManagedProcess
import Testing

@testable import FledgeDaemon

@Suite("Daemons and their state folder")
struct StateFolderDaemonTests {
    @Test("a second daemon with another socket is refused, and the first one's PostgreSQL goes on")
    func second() async throws {
        try await TestDaemon.with { daemon in
            let server = daemon.cluster.serverProcess
            for socket in [daemon.state + "/run/other.sock", daemon.state + "-other/fledged.sock"] {
                let result = try await daemon.another(variables: [StatePaths.socketVariable: socket])
                #expect(result.exit == .exited(69))
                let first = try #require(daemon.processID)
                #expect(
                    result.errorOutput.contains("[daemon.running]")
                        && result.errorOutput.contains("process \(first) (fledged)"))
            }
            #expect(daemon.cluster.serverProcess == server)
            #expect(await eventually { await daemon.client.isReady() })
        }
    }

    @Test("what others could enter or read is closed at the start, and the log says so")
    func closes() async throws {
        try await TestDaemon.with { daemon in
            _ = try await daemon.terminate()
            let jobs = daemon.state + "/jobs/some-run"
            try FileManager.default.createDirectory(atPath: jobs, withIntermediateDirectories: true)
            try Data("{}".utf8).write(to: URL(filePath: jobs + "/job.json"))
            for path in [daemon.state, daemon.state + "/jobs", jobs] { #expect(chmod(path, 0o755) == 0) }
            #expect(chmod(jobs + "/job.json", 0o644) == 0)
            try await daemon.start()
            let names = [
                "", "/jobs", "/jobs/some-run", "/jobs/some-run/job.json", "/run", "/run/fledged.pid",
                "/run/fledged.sock",
                "/fledged.lock", "/fledged.databases",
            ]
            for path in names.map({ daemon.state + $0 }) {
                var status = stat()
                #expect(lstat(path, &status) == 0)
                // As root, PostgreSQL's user passes through the state folder.
                let group: mode_t = path == daemon.state && geteuid() == 0 ? 0o010 : 0
                #expect(status.st_mode & 0o077 == group, "\(path)")
            }
            #expect(daemon.logText.contains("closed a folder that other users could enter"))
        }
    }

    @Test("a link in the place of the pid file is refused, and nothing is written through it")
    func linkedPidFile() async throws {
        try await TemporaryDirectory.with { directory in
            let other = directory + "/precious"
            try Data("precious".utf8).write(to: URL(filePath: other))
            #expect(symlink(other, directory + "/fledged.pid") == 0)
            #expect(throws: (any Error).self) { try DaemonLock(path: directory + "/fledged.pid") }
            #expect(try String(contentsOfFile: other, encoding: .utf8) == "precious")
        }
    }
}
