import Foundation
import Glibc
import Testing

@testable import ManagedProcess

@Suite("Files and folders that are nobody else's")
struct PrivateFilesTests {
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + UUID().uuidString
        #expect(mkdir(folder, 0o700) == 0)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    private static func mode(_ path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    @Test("they are closed whatever the umask")
    func umasks() async throws {
        await #expect(processExitsWith: .success) {
            for mask in [0, 0o022, 0o777] as [mode_t] {
                umask(mask)
                let folder = "/tmp/fledge-\(UUID().uuidString)"
                try PrivateFolder.make(folder + "/below/it")
                try PrivateFile.write(Data("x".utf8), to: folder + "/below/it/file")
                close(try PrivateFile.openOwn(folder + "/below/it/lock"))
                for path in ["", "/below", "/below/it"] {
                    try #require(PrivateFilesTests.mode(folder + path) == 0o700)
                }
                for path in ["/below/it/file", "/below/it/lock"] {
                    try #require(PrivateFilesTests.mode(folder + path) == 0o600)
                }
                try FileManager.default.removeItem(atPath: folder)
            }
        }
    }

    @Test("a group may pass through a folder and see nothing, and the folders above it let pass too")
    func passable() async throws {
        try await withFolder { folder in
            try PrivateFolder.make(folder + "/above/state", passableBy: getegid())
            #expect(Self.mode(folder + "/above") == 0o711)
            #expect(Self.mode(folder + "/above/state") == 0o710)
            #expect(!PrivateFolder.close(folder + "/above/state", passableBy: getegid()))
            #expect(PrivateFolder.close(folder + "/above/state"))
            #expect(Self.mode(folder + "/above/state") == 0o700)
        }
    }

    @Test("what everybody may put things into is not closed: somebody has named it by mistake")
    func shared() async throws {
        try await withFolder { folder in
            #expect(chmod(folder, 0o1777) == 0)
            #expect(!PrivateFolder.close(folder))
            #expect(Self.mode(folder) == 0o1777)
        }
    }

    @Test("a link is never written through: a file replaces it, and a lock refuses it")
    func links() async throws {
        try await withFolder { folder in
            let other = folder + "/other"
            try Data("precious".utf8).write(to: URL(filePath: other))
            for name in ["/file", "/lock"] { #expect(symlink(other, folder + name) == 0) }
            try PrivateFile.write(Data("new".utf8), to: folder + "/file")
            #expect(try String(contentsOfFile: folder + "/file", encoding: .utf8) == "new")
            #expect(throws: ProcessError.self) { try PrivateFile.openOwn(folder + "/lock") }
            #expect(throws: ProcessError.self) { try PrivateFile.make(folder + "/lock") }
            #expect(try String(contentsOfFile: other, encoding: .utf8) == "precious")
        }
    }

    @Test("what is no plain file of one name is not opened, and does not keep anybody waiting")
    func kinds() async throws {
        try await withFolder { folder in
            #expect(mkfifo(folder + "/pipe", 0o600) == 0)
            try Data("x".utf8).write(to: URL(filePath: folder + "/one"))
            #expect(link(folder + "/one", folder + "/two") == 0)
            for name in ["/pipe", "/two", ""] {
                #expect(throws: ProcessError.self, "\(name)") { try PrivateFile.openOwn(folder + name) }
            }
            #expect(try String(contentsOfFile: folder + "/one", encoding: .utf8) == "x")
        }
    }

    @Test("a folder that others could have prepared is found out")
    func faults() async throws {
        try await withFolder { folder in
            #expect(PrivateFolder.fault(of: folder, isOwn: true) == nil)
            #expect(symlink(folder, folder + "/link") == 0)
            #expect(PrivateFolder.fault(of: folder + "/link", isOwn: true) == "it is a link")
            try Data().write(to: URL(filePath: folder + "/file"))
            #expect(PrivateFolder.fault(of: folder + "/file", isOwn: true) == "it is not a folder")
            #expect(PrivateFolder.fault(of: folder + "/nothing", isOwn: true) != nil)
            for mode in [0o720, 0o702] as [mode_t] {
                #expect(chmod(folder, mode) == 0)
                #expect(PrivateFolder.fault(of: folder, isOwn: true) == "other users may write to it")
                #expect(PrivateFolder.fault(of: folder, isOwn: false) == "other users may write to it")
            }
            // Somebody's choice may be the folder for temporary files, where ours can't be replaced.
            #expect(chmod(folder, 0o1777) == 0)
            #expect(PrivateFolder.fault(of: folder, isOwn: false) == nil)
            #expect(PrivateFolder.fault(of: folder, isOwn: true) != nil)
            #expect(chmod(folder, 0o700) == 0)
            if geteuid() == 0 {
                #expect(mkdir(folder + "/foreign", 0o700) == 0 && chown(folder + "/foreign", 65534, 65534) == 0)
                #expect(
                    PrivateFolder.fault(of: folder + "/foreign", isOwn: false) == "it belongs to another user (65534)")
            }
        }
    }

    @Test("removing a tree follows no link, and counts what it holds")
    func trees() async throws {
        try await withFolder { folder in
            let outside = folder + "/outside"
            try PrivateFolder.make(outside)
            try Data(count: 10).write(to: URL(filePath: outside + "/precious"))
            try PrivateFolder.make(folder + "/root/job/deep")
            try Data(count: 3).write(to: URL(filePath: folder + "/root/job/deep/a"))
            try Data(count: 4).write(to: URL(filePath: folder + "/root/job/b"))
            for place in ["/root/job/link", "/root/job/deep/link"] { #expect(symlink(outside, folder + place) == 0) }
            #expect(symlink(outside, folder + "/root/whole") == 0)
            #expect(link(outside + "/precious", folder + "/root/job/second") == 0)

            let tree = try #require(try FileTree(folder + "/root"))
            let entries = try tree.entries()
            #expect(entries.map(\.name) == ["job", "whole"] && entries.map(\.isFolder) == [true, false])
            let extent = try tree.extent(of: entries[0])
            #expect(extent.files == 5 && extent.bytes >= 17)
            for entry in entries { try tree.remove(entry) }
            #expect(try tree.entries() == [])
            #expect(try FileManager.default.contentsOfDirectory(atPath: outside) == ["precious"])
            #expect(try FileTree(folder + "/nothing") == nil)
            #expect(symlink(outside, folder + "/linked-root") == 0)
            #expect(throws: ProcessError.self) { try FileTree(folder + "/linked-root") }
        }
    }

    @Test("a tree goes whatever its names are, however deep it is and whatever rights its folders have")
    func oddTrees() async throws {
        try await withFolder { folder in
            let job = folder + "/root/job"
            try PrivateFolder.make(job + "/closed/below")
            // Names of bytes that are no UTF-8, of one text in two writings, with a line break, and as long as one can be.
            let names = ["\u{E9}", "e\u{301}", "a\nb", String(repeating: "x", count: 255)].map { Array($0.utf8CString) }
            let place = open(job, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { close(place) }
            for name in names + [[CChar(truncatingIfNeeded: 0xFF), 0]] { #expect(mkdirat(place, name, 0o700) == 0) }
            #expect(mkfifo(job + "/pipe", 0o600) == 0)
            // A path that is longer than any call takes.
            var deep = dup(place)
            for _ in 0..<3000 {
                #expect(mkdirat(deep, "deep", 0o700) == 0)
                let next = openat(deep, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                close(deep)
                deep = next
            }
            #expect(mkdirat(deep, "last", 0) == 0)
            close(deep)
            for path in ["/closed/below", "/closed"] { #expect(chmod(job + path, 0) == 0) }
            var times = [timespec(tv_sec: 1 << 33, tv_nsec: 0), timespec(tv_sec: 1 << 33, tv_nsec: 0)]
            #expect(utimensat(AT_FDCWD, job + "/pipe", &times, AT_SYMLINK_NOFOLLOW) == 0)

            let tree = try #require(try FileTree(folder + "/root"))
            let entry = try #require(try tree.entries().first)
            let extent = try tree.extent(of: entry)
            #expect(extent.files == 1 && extent.changedAt < Date(timeIntervalSinceNow: 60).timeIntervalSince1970)
            try tree.remove(entry)
            #expect(try tree.entries() == [])
        }
    }

    @Test("what can't be removed of a tree is told, and all else of it goes", .enabled(if: geteuid() == 0))
    func othersTrees() async throws {
        await #expect(processExitsWith: .success) {
            let folder = "/tmp/fledge-\(UUID().uuidString)"
            try PrivateFolder.make(folder + "/root/job/foreign")
            for name in ["/root/job/a", "/root/job/foreign/kept", "/root/job/z"] {
                try PrivateFile.write(Data(), to: folder + name)
            }
            for path in ["", "/root", "/root/job", "/root/job/a", "/root/job/z"] {
                try #require(chown(folder + path, 65534, 65534) == 0)
            }
            try #require(seteuid(65534) == 0)
            let tree = try #require(try FileTree(folder + "/root"))
            let entries = try tree.entries()
            _ = try tree.extent(of: entries[0])
            #expect(throws: ProcessError.self) { try tree.remove(entries[0]) }
            let left = try tree.entries()
            try #require(left.count == 1 && left[0].name.hasPrefix(FileTree.removed))
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/root/\(left[0].name)")
            try #require(names == ["foreign"])
            try #require(seteuid(0) == 0)
            try FileManager.default.removeItem(atPath: folder)
        }
    }

    @Test("closing a tree changes what is in it and nothing that a link in it leads to")
    func closing() async throws {
        try await withFolder { folder in
            try PrivateFolder.make(folder + "/outside")
            #expect(chmod(folder + "/outside", 0o755) == 0)
            try PrivateFolder.make(folder + "/jobs/one")
            try Data().write(to: URL(filePath: folder + "/jobs/one/job.json"))
            #expect(symlink(folder + "/outside", folder + "/jobs/one/link") == 0)
            for (path, mode) in [("/jobs", 0o755), ("/jobs/one", 0o775), ("/jobs/one/job.json", 0o644)]
                as [(String, mode_t)]
            {
                #expect(chmod(folder + path, mode) == 0)
            }
            #expect(try FileTree(folder + "/jobs")?.closeAll() == 3)
            #expect(Self.mode(folder + "/jobs") == 0o700 && Self.mode(folder + "/jobs/one") == 0o700)
            #expect(Self.mode(folder + "/jobs/one/job.json") == 0o600 && Self.mode(folder + "/outside") == 0o755)
        }
    }

    @Test("opening a tree lets others read it and run its programs, and nothing that a link in it leads to")
    func opened() async throws {
        try await withFolder { folder in
            let tree = folder + "/tree"
            try PrivateFolder.make(tree + "/below")
            for (name, mode) in [("file", 0o600), ("program", 0o700), ("all", 0o666)] as [(String, mode_t)] {
                try PrivateFile.write(Data("x".utf8), to: tree + "/below/" + name)
                #expect(chmod(tree + "/below/" + name, mode) == 0)
            }
            try PrivateFile.write(Data("x".utf8), to: folder + "/secret")
            #expect(symlink(folder + "/secret", tree + "/link") == 0)
            try FileTree(tree)?.openAll()
            for (path, mode) in [
                ("tree", 0o755), ("tree/below", 0o755), ("tree/below/file", 0o644), ("tree/below/program", 0o755),
                ("tree/below/all", 0o666), ("secret", 0o600),
            ] as [(String, mode_t)] {
                #expect(Self.mode("\(folder)/\(path)") == mode, "\(path)")
            }
        }
    }

    @Test("a copy is this user's alone, and neither a link nor a pipe is copied")
    func copied() async throws {
        try await withFolder { folder in
            let text = Data(repeating: 7, count: 3 << 20)
            try text.write(to: URL(filePath: folder + "/source"))
            #expect(chmod(folder + "/source", 0o666) == 0)
            try #require(try ForeignFile(folder + "/source")).copy(to: folder + "/copy")
            #expect(try Data(contentsOf: URL(filePath: folder + "/copy")) == text)
            #expect(Self.mode(folder + "/copy") == 0o600)
            #expect(symlink(folder + "/source", folder + "/link") == 0 && mkfifo(folder + "/pipe", 0o600) == 0)
            for name in ["link", "pipe", "copy"] {
                let target = folder + (name == "copy" ? "/copy" : "/other")
                #expect(throws: ProcessError.self, "\(name)") {
                    try ForeignFile("\(folder)/\(name)")?.copy(to: target)
                }
                #expect(access(folder + "/other", F_OK) != 0)
            }
        }
    }

    @Test("of what somebody else wrote no more is read than a bound, and its end where only that is wanted")
    func foreign() async throws {
        try await withFolder { folder in
            let path = folder + "/log"
            try Data("first\n".utf8).write(to: URL(filePath: path))
            #expect(try ForeignFile(path)?.whole(limit: 6) == Data("first\n".utf8))
            #expect(truncate(path, 1 << 40) == 0)
            let error = #expect(throws: ProcessError.self) { try ForeignFile(path)?.whole(limit: 1000) }
            #expect(
                error?.code == .tooLarge && error?.message == "\(path) has \(1 << 40) bytes; at most 1000 are taken")
            #expect(try ForeignFile(path)?.tail(10) == Data(count: 10))
            let copied = #expect(throws: ProcessError.self) {
                try ForeignFile(path)?.copy(to: folder + "/copy", limit: 1000)
            }
            #expect(copied?.code == .tooLarge)
            #expect(try ForeignFile(folder + "/nothing") == nil)
            #expect(symlink(path, folder + "/link") == 0)
            let link = #expect(throws: ProcessError.self) { try ForeignFile(folder + "/link") }
            #expect(link?.code == .notPlain)
        }
    }

    @Test("what a program has made is moved out of its hands before it is looked at, and is a plain file or files then")
    func taken() async throws {
        try await withFolder { folder in
            let making = folder + "/making"
            try PrivateFolder.make(making + "/files")
            for path in ["/file", "/files/a", "/files/b"] {
                try PrivateFile.write(Data(path.utf8), to: making + path)
            }
            // Somebody has the folder open still.
            let held = open(making + "/files", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { close(held) }
            #expect(try FileTree.take(making + "/file", to: folder + "/one"))
            #expect(try FileTree.take(making + "/files", to: folder + "/more", isFolder: true))
            #expect(symlinkat("/etc/passwd", held, "late") != 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/more").sorted() == ["a", "b"])
            #expect(try String(contentsOfFile: folder + "/more/b", encoding: .utf8) == "/files/b")

            try PrivateFolder.make(making + "/nested/below")
            try PrivateFolder.make(making + "/linked")
            #expect(symlink("/etc", making + "/link") == 0 && symlink("/etc", making + "/linked/link") == 0)
            #expect(mkfifo(making + "/pipe", 0o600) == 0)
            for (name, isFolder) in [
                ("link", false), ("link", true), ("nested", true), ("linked", true), ("linked", false),
                ("pipe", false), ("nothing", false), ("nothing", true),
            ] {
                #expect(try !FileTree.take("\(making)/\(name)", to: folder + "/never", isFolder: isFolder), "\(name)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["making", "more", "one"])
        }
    }

    @Test(
        "a file system that gives files to nobody else is told by its folder, with what to do, and nothing stays there")
    func owners() async throws {
        // Who is not root can give nothing away, which is what such a file system says to root.
        await #expect(processExitsWith: .success) {
            let folder = "/tmp/fledge-\(UUID().uuidString)"
            if geteuid() == 0 {
                try PrivateFolder.make(folder)
                try #require(FileOwners.problem(in: folder) == nil)
                try #require(chown(folder, 65534, 65534) == 0 && seteuid(65534) == 0)
            }
            try PrivateFolder.make(folder + "/job")
            let sandbox = Sandbox(user: .trainer, isRoot: true)
            let problems = [
                FileOwners.problem(in: folder),
                #expect(throws: ProcessError.self) { try sandbox?.give(folder + "/job") },
            ]
            for problem in problems {
                try #require(problem?.code == .noOwners && problem?.message.contains(folder) == true)
                try #require(problem?.hint?.contains("FLEDGE_STATE_DIR") == true)
            }
            try #require(try FileManager.default.contentsOfDirectory(atPath: folder) == ["job"])
            _ = seteuid(0)
            try FileManager.default.removeItem(atPath: folder)
        }
    }

    @Test("who holds a lock is named")
    func holders() async throws {
        try await withFolder { folder in
            let lock = folder + "/lock"
            let holder = try await ManagedProcess.start(
                Command("/bin/sh", ["-c", "exec 9>>\"$1\"; flock 9; echo held; read -r _", "sh", lock]), bond: .leash)
            var lines = holder.lines.makeAsyncIterator()
            #expect(await lines.next()?.contains("held") == true)
            let description = LockHolder.description(of: lock)
            #expect(description.contains("process \(holder.processID) ("))
            await holder.terminate(grace: .seconds(1))
            #expect(LockHolder.description(of: lock) == "a process that can't be seen from here")
        }
    }
}
