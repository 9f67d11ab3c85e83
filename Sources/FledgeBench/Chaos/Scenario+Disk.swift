import FledgeCore
import FledgeDocument
import FledgePostgres
import FledgeTestKit
import Foundation
import Glibc
import ManagedProcess

extension Scenario {
    /// The server's disk is full to the last byte, for a while; when it could not go on, it is started again.
    static let disk = Scenario(
        name: "disk", about: "PostgreSQL's disk full to the last byte (a small tmpfs: needs root)",
        settings: { _ in
            var settings = Arena.Settings()
            let mount = try SmallDisk.mount()
            settings.clusterDirectory = mount.path
            settings.disk = mount
            settings.server = ["max_wal_size": "48MB", "min_wal_size": "32MB", "wal_recycle": "off"]
            return settings
        },
        faults: { run in
            guard let disk = run.arena.disk else { return [] }
            let rounds = run.plan.isQuick ? 1 : 4
            var restarts = 0
            for round in 1...rounds {
                let from = Date()
                try disk.fill()
                let before = run.throughput.transitions
                try await Task.sleep(for: .seconds(run.plan.isQuick ? 5 : 10))
                let during = run.throughput.transitions - before
                disk.drain()
                if try await !run.arena.cluster.isRunning() { restarts += 1 }
                // Also where it lives: `start` takes over a server that runs.
                try await run.arena.cluster.start()
                run.arena.faults.note(.stalled, daemon: nil, from: from, to: Date().addingTimeInterval(8))
                run.say("full \(round) of \(rounds) times, \(during) transitions meanwhile")
                try await Task.sleep(for: .seconds(3))
            }
            return [
                run.figure("times full", rounds, "times"),
                run.figure("times that PostgreSQL gave up", restarts, "times"),
            ]
        })
}

/// A file system in memory, just large enough for a small cluster.
struct SmallDisk: Sendable {
    static let megabytes = 220
    let path: String
    private var filler: String { path + "/filler" }

    /// - Throws: `chaos.no_mount` where nothing may be mounted.
    static func mount() throws -> SmallDisk {
        let path = try TemporaryDirectory.make()
        guard Glibc.mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m,mode=755") == 0 else {
            let reason = String(cString: strerror(errno))
            try? TemporaryDirectory.remove(path)
            throw FledgeError(
                "chaos.no_mount", "a small tmpfs cannot be mounted: \(reason)",
                hint: "run this scenario as root, outside of a container that forbids it; --only leaves it out",
                exitCode: .usage)
        }
        return SmallDisk(path: path)
    }

    /// Takes every byte that is free.
    func fill() throws {
        let descriptor = open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw FledgeError("chaos.no_filler", String(cString: strerror(errno)), place: filler)
        }
        defer { close(descriptor) }
        var size = 1 << 20
        while size > 0 {
            let block = [UInt8](repeating: 0, count: size)
            if write(descriptor, block, size) < size { size /= 4 }
        }
    }

    func drain() { unlink(filler) }

    func unmount() {
        _ = umount2(path, 2)
        try? TemporaryDirectory.remove(path)
    }
}
