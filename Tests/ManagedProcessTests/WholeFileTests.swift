import Foundation
import Glibc
import ManagedProcess
import Testing

@Suite("Reading files whole")
struct WholeFileTests {
    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + UUID().uuidString
        #expect(mkdir(folder, 0o700) == 0)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test("only what isn't there is taken for not there")
    func absent() throws {
        try Self.withFolder { folder in
            #expect(try WholeFile.read(folder + "/none") == nil)
            #expect(try WholeFile.names(in: folder + "/none") == nil && WholeFile.status(of: folder + "/none") == nil)
            try Data("words".utf8).write(to: URL(filePath: folder + "/file"))
            try Data().write(to: URL(filePath: folder + "/empty"))
            try Data([0xFF, 0xFE]).write(to: URL(filePath: folder + "/bytes"))
            #expect(try WholeFile.text(folder + "/file") == "words")
            #expect(try WholeFile.names(in: folder) == ["bytes", "empty", "file"])
            // A folder in the file's place, a file in a folder's, and what is not text.
            #expect(throws: ProcessError.self) { try WholeFile.text(folder + "/bytes") }
            let isFolder = #expect(throws: ProcessError.self) { try WholeFile.read(folder) }
            #expect(isFolder?.number == EISDIR && isFolder?.mayPass == false)
            let isFile = #expect(throws: ProcessError.self) { try WholeFile.read(folder + "/file/below") }
            #expect(isFile?.number == ENOTDIR)
        }
    }

    @Test("where a plain file is asked for, nothing waits for a pipe and no link is followed")
    func plain() throws {
        try Self.withFolder { folder in
            #expect(mkfifo(folder + "/pipe", 0o600) == 0 && symlink("/etc/hostname", folder + "/link") == 0)
            for name in ["pipe", "link"] {
                #expect(throws: ProcessError.self) { try WholeFile.read("\(folder)/\(name)", isPlain: true) }
            }
        }
    }

    @Test(
        "two files are equal where all of their bytes are, over more than one piece",
        arguments: [0, 1, 1 << 20, (1 << 20) + 1, 3 << 20])
    func equal(size: Int) throws {
        try Self.withFolder { folder in
            let (one, other) = (folder + "/one", folder + "/other")
            let bytes = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try bytes.write(to: URL(filePath: one))
            try bytes.write(to: URL(filePath: other))
            #expect(try WholeFile.areEqual(one, other))
            var changed = bytes
            changed.append(1)
            try changed.write(to: URL(filePath: other))
            #expect(try !WholeFile.areEqual(one, other) && !WholeFile.areEqual(other, one))
            if size > 0 {
                changed = bytes
                changed[size - 1] ^= 1
                try changed.write(to: URL(filePath: other))
                #expect(try !WholeFile.areEqual(one, other))
            }
            for place in [folder, folder + "/none"] {
                #expect(throws: ProcessError.self) { try WholeFile.areEqual(one, place) }
            }
        }
    }

    @Test("that no file can be opened any more says nothing about a file, and passes")
    func exhausted() async {
        await #expect(processExitsWith: .success) {
            let next = open("/dev/null", O_RDONLY)
            close(next)
            var limit = rlimit()
            try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            limit.rlim_cur = rlim_t(next)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            let error = #expect(throws: ProcessError.self) { try WholeFile.read("/etc/passwd") }
            try #require(error?.number == EMFILE && error?.mayPass == true)
            #expect(throws: ProcessError.self) { try WholeFile.areEqual("/etc/passwd", "/etc/passwd") }
            #expect(throws: ProcessError.self) { try WholeFile.names(in: "/") }
        }
    }
}
