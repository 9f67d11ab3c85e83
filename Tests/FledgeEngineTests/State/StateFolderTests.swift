import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
import ManagedProcess
import Testing

@Suite("The state folder")
struct StateFolderTests {
    private func paths(_ directory: String, _ environment: [String: String] = [:]) -> StatePaths {
        let all = ["FLEDGE_STATE_DIR": directory + "/state", "FLEDGE_CACHE_HOME": directory + "/cache"]
        return StatePaths(
            environment: all.merging(environment) { $1 }, isRoot: false, currentDirectory: directory)
    }

    private func mode(_ path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    @Test("a folder of an earlier version is closed with what is in it, once")
    func narrowed() async throws {
        try await TemporaryDirectory.with { directory in
            let paths = paths(directory)
            for folder in [paths.jobs + "/one", paths.artifacts, paths.reports, paths.logs] {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
            try Data().write(to: URL(filePath: paths.jobs + "/one/job.json"))
            for path in [paths.state, paths.jobs, paths.jobs + "/one", paths.artifacts, paths.reports, paths.logs] {
                #expect(chmod(path, 0o755) == 0)
            }
            #expect(chmod(paths.jobs + "/one/job.json", 0o644) == 0)
            try paths.create()
            #expect(Set(try paths.close()) == [paths.state, paths.jobs, paths.artifacts, paths.reports, paths.logs])
            for path in [paths.state, paths.jobs, paths.jobs + "/one", paths.artifacts, paths.reports, paths.logs] {
                #expect(mode(path) == 0o700, "\(path)")
            }
            #expect(mode(paths.jobs + "/one/job.json") == 0o600)
            #expect(try paths.close() == [])
        }
    }

    @Test(
        "programs without rights pass through state and cache where these hold nothing else, and closing leaves that",
        .enabled(if: geteuid() == 0), arguments: [true, false])
    func passage(isOwn: Bool) async throws {
        try await TemporaryDirectory.with { directory in
            let paths = paths(directory)
            try paths.create()
            for name in ["python", "server-x.log"] { try PrivateFolder.make("\(paths.cache)/\(name)") }
            if !isOwn {
                for folder in [paths.state, paths.cache] { try Data().write(to: URL(filePath: folder + "/mine")) }
            }
            paths.letProgramsPass()
            for folder in [paths.state, paths.cache] { #expect(Passage.isMarked(folder) == isOwn, "\(folder)") }
            #expect(paths.passedUnopened == [directory, directory] + (isOwn ? [] : [paths.state, paths.cache]))
            var told: [String] = []
            let closed = try paths.close(passableBy: 65_533) { told.append($0) }
            #expect(closed.isEmpty && told.isEmpty)
            #expect(Passage.isMarked(paths.state) == isOwn && mode(paths.logs) == 0o700)
            // A cache that others may enter is no closed one.
            guard isOwn else { return }
            #expect(chmod(paths.cache, 0o755) == 0)
            paths.letProgramsPass()
            #expect(mode(paths.cache) == 0o755 && Passage.isMarked(paths.cache + "/python"))
        }
    }

    @Test("a folder that holds other things too, which somebody has named by mistake, is left as it is")
    func mistaken() async throws {
        try await TemporaryDirectory.with { directory in
            let paths = paths(directory)
            try FileManager.default.createDirectory(atPath: paths.logs, withIntermediateDirectories: true)
            try Data().write(to: URL(filePath: paths.state + "/etc"))
            for path in [paths.state, paths.logs] { #expect(chmod(path, 0o755) == 0) }
            try paths.create()
            #expect(try paths.close() == [])
            #expect(mode(paths.state) == 0o755 && mode(paths.logs) == 0o755)
        }
    }

    @Test("what a file system keeps on a volume of its own does not keep the folder open")
    func volume() async throws {
        try await TemporaryDirectory.with { directory in
            let paths = paths(directory)
            for folder in [paths.jobs + "/one", paths.state + "/lost+found"] {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
            for path in [paths.state, paths.jobs, paths.state + "/lost+found"] { #expect(chmod(path, 0o755) == 0) }
            #expect(Set(try paths.close()) == [paths.state, paths.jobs])
            #expect(mode(paths.state + "/lost+found") == 0o755)
        }
    }

    @Test("beside other things, what is Fledge's is closed all the same, and what stays open is told once")
    func mixed() async throws {
        try await TemporaryDirectory.with { directory in
            let paths = paths(directory)
            let adapter = paths.artifacts + "/" + String(repeating: "a", count: 64)
            let files = [
                paths.jobs + "/one/job.json", adapter + "/fledge.json", paths.reports + "/weekly.html",
                paths.logs + "/fledged.log", paths.logs + "/syslog", paths.state + "/other/file",
            ]
            for file in files {
                let folder = (file as NSString).deletingLastPathComponent
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try Data().write(to: URL(filePath: file))
                #expect(chmod(file, 0o644) == 0 && chmod(folder, 0o755) == 0)
            }
            for folder in [paths.state, paths.jobs, paths.artifacts] { #expect(chmod(folder, 0o755) == 0) }
            var told: [String] = []
            let closed = try paths.close { told.append($0) }
            #expect(Set(closed) == [paths.jobs, paths.artifacts, paths.reports, paths.logs + "/fledged.log"])
            for path in [paths.jobs, adapter, paths.reports] { #expect(mode(path) == 0o700, "\(path)") }
            for file in files.dropLast(2) { #expect(mode(file) == 0o600, "\(file)") }
            for file in files.suffix(2) { #expect(mode(file) == 0o644, "\(file)") }
            #expect(mode(paths.state) == 0o755 && mode(paths.logs) == 0o755)
            #expect(told.count == 2 && told[0].hasPrefix(paths.logs + " ") && told[1].hasPrefix(paths.state + " "))
            #expect(try paths.close() == [])
        }
    }

    @Test("a socket's folder that another user could have prepared is refused", arguments: ["link", "open", "foreign"])
    func prepared(how: String) async throws {
        try await TemporaryDirectory.with { directory in
            let home = directory + "/home"
            #expect(mkdir(home, 0o700) == 0)
            let paths = paths(
                directory, ["FLEDGE_STATE_DIR": directory + "/" + String(repeating: "s", count: 100), "HOME": home])
            #expect(paths.runtime.hasPrefix(home + "/.fledge-"))
            let other = directory + "/other"
            #expect(mkdir(other, 0o700) == 0)
            switch how {
            case "link": #expect(symlink(other, paths.runtime) == 0)
            case "open":
                #expect(mkdir(paths.runtime, 0o700) == 0 && chmod(paths.runtime, 0o777) == 0)
                // It is ours: it is closed rather than refused.
                try paths.create()
                #expect(mode(paths.runtime) == 0o700)
                return
            default:
                // Only root can give a folder away.
                guard geteuid() == 0 else { return }
                #expect(mkdir(paths.runtime, 0o700) == 0 && chown(paths.runtime, 65534, 65534) == 0)
            }
            let error = #expect(throws: FledgeError.self) { try paths.create() }
            #expect(error?.code == "state.not_private" && error?.exitCode == .configuration)
            #expect(try FileManager.default.contentsOfDirectory(atPath: other) == [])
        }
    }

    @Test("a chosen socket's folder that others may write to is refused, but for the folder for temporary files")
    func chosen() async throws {
        try await TemporaryDirectory.with { directory in
            let folder = directory + "/shared"
            #expect(mkdir(folder, 0o700) == 0 && chmod(folder, 0o777) == 0)
            let paths = paths(directory, ["FLEDGE_SOCKET": folder + "/d.sock"])
            let error = #expect(throws: FledgeError.self) { try paths.create() }
            #expect(error?.code == "state.not_private")
            #expect(chmod(folder, 0o1777) == 0)
            try paths.create()
            #expect(mode(folder) == 0o1777)
        }
    }

    @Test("one process uses it with a private PostgreSQL, whatever its socket, and the error names it")
    func lock() async throws {
        try await TemporaryDirectory.with { directory in
            let paths = paths(directory)
            try paths.createState()
            // Another process, for the error to name.
            let holder = try await ManagedProcess.start(
                Command("/bin/sh", ["-c", "exec 9>>\"$1\"; flock 9; echo held; read -r _", "sh", paths.lock]),
                bond: .leash)
            var lines = holder.lines.makeAsyncIterator()
            #expect(await lines.next()?.contains("held") == true)
            let other = self.paths(directory, ["FLEDGE_SOCKET": directory + "/other.sock"])
            for isAlone in [true, false] {
                let error = #expect(throws: FledgeError.self) {
                    try StateLock(other, role: StateLock.daemon, isAlone: isAlone)
                }
                #expect(error?.code == "daemon.running" && error?.exitCode == .unavailable)
                #expect(error?.message.contains("process \(holder.processID) ") == true)
            }
            await holder.terminate(grace: .seconds(1))

            var alone: StateLock? = try StateLock(paths, role: StateLock.daemon, isAlone: true)
            #expect(StateLock.isDaemons(paths))
            #expect(throws: FledgeError.self) { try StateLock(other, role: "fledge", isAlone: true) }
            #expect(StateLock.isDaemons(paths))
            withExtendedLifetime(alone) {}
            alone = nil
            #expect(!StateLock.isDaemons(paths))
            // Daemons with a database of their own share adapters; none with a private one comes between.
            let shared = try (0..<2).map { _ in try StateLock(other, role: StateLock.daemon, isAlone: false) }
            #expect(throws: FledgeError.self) { try StateLock(paths, role: StateLock.daemon, isAlone: true) }
            #expect(!StateLock.isDaemons(paths))
            withExtendedLifetime(shared) {}
        }
    }

    @Test("a link in the place of the lock is refused, and nothing is written through it")
    func linkedLock() async throws {
        try await TemporaryDirectory.with { directory in
            let paths = paths(directory)
            try paths.createState()
            let other = directory + "/precious"
            try Data("precious".utf8).write(to: URL(filePath: other))
            #expect(symlink(other, paths.lock) == 0)
            let error = #expect(throws: FledgeError.self) {
                try StateLock(paths, role: StateLock.daemon, isAlone: true)
            }
            #expect(error?.code == "state.not_writable")
            #expect(try String(contentsOfFile: other, encoding: .utf8) == "precious")
        }
    }
}
