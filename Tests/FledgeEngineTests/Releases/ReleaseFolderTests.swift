import FledgeCore
import FledgeTestKit
import Foundation
import Glibc
import Synchronization
import Testing

@testable import FledgeEngine

@Suite("The folder that a release is written to")
struct ReleaseFolderTests {
    private static let files: [ReleaseArchive.File] = [
        .init("README.md", .bytes(Array("card".utf8))), .init("adapter/empty", .bytes([])),
        .init("adapter/weights", .bytes([UInt8](repeating: 9, count: 700))),
    ]

    /// What is at a path before an export, and has to be there after it.
    enum Obstacle: String, CaseIterable, CustomTestStringConvertible {
        case file, pipe, device, link, linkToEmptyFolder, danglingLink, folderWithFile, folderWithLink

        var testDescription: String { rawValue }

        func make(at path: String) throws {
            let files = FileManager.default
            switch self {
            case .file: try Data("mine".utf8).write(to: URL(filePath: path))
            case .pipe: #expect(mkfifo(path, 0o600) == 0)
            case .device:
                // Only root can make one; for others a socket is as good.
                let isMade =
                    geteuid() == 0
                    ? mknod(path, S_IFCHR | 0o600, 0x103) == 0 : mknod(path, S_IFSOCK | 0o600, 0) == 0
                #expect(isMade)
            case .link:
                try Data("mine".utf8).write(to: URL(filePath: path + "-other"))
                #expect(symlink(path + "-other", path) == 0)
            case .linkToEmptyFolder:
                try files.createDirectory(atPath: path + "-other", withIntermediateDirectories: false)
                #expect(symlink(path + "-other", path) == 0)
            case .danglingLink: #expect(symlink(path + "-nothing", path) == 0)
            case .folderWithFile:
                try files.createDirectory(atPath: path, withIntermediateDirectories: false)
                try Data("mine".utf8).write(to: URL(filePath: path + "/notes"))
            case .folderWithLink:
                try files.createDirectory(atPath: path, withIntermediateDirectories: false)
                #expect(symlink("/nowhere", path + "/notes") == 0)
            }
        }
    }

    /// Names, kinds, inodes and contents of all that is below a folder.
    private func picture(of directory: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: directory).sorted().map { name in
            var status = stat()
            #expect(lstat("\(directory)/\(name)", &status) == 0)
            let isFile = status.st_mode & S_IFMT == S_IFREG
            let content = isFile ? FileManager.default.contents(atPath: "\(directory)/\(name)") : nil
            return "\(name) \(status.st_mode) \(status.st_ino) \(content?.count ?? -1)"
        }
    }

    @Test("what is there is never removed, and nothing is put beside it", arguments: Obstacle.allCases)
    func taken(_ obstacle: Obstacle) async throws {
        try await TemporaryDirectory.with { directory in
            try obstacle.make(at: directory + "/out")
            let before = try picture(of: directory)
            for path in ["out", "./out/", directory + "/out"] {
                let folder = ReleaseFolder(path, in: directory)
                let early = #expect(throws: FledgeError.self) { try folder.check() }
                #expect(early?.code == "release.export_exists")
                let error = await #expect(throws: FledgeError.self) {
                    try await folder.write(ReleaseArchive(Self.files))
                }
                #expect(error?.code == "release.export_exists" && error?.exitCode == .cannotWrite)
            }
            #expect(try picture(of: directory) == before)
        }
    }

    @Test("what is put there while a release comes stays too", arguments: Obstacle.allCases)
    func takenMeanwhile(_ obstacle: Obstacle) async throws {
        try await TemporaryDirectory.with { directory in
            let inner = ReleaseArchive(Self.files)
            let bytes = try await inner.pieces.reduce(into: []) { $0 += $1 }
            let given = Once()
            let archive = ReleaseArchive {
                guard given.isFirst else { return nil }
                try obstacle.make(at: directory + "/out")
                return bytes
            }
            let error = await #expect(throws: FledgeError.self) {
                try await ReleaseFolder("out", in: directory).write(archive)
            }
            #expect(error?.code == "release.export_exists")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: directory).allSatisfy { !$0.contains(".partial-") })
        }
    }

    @Test(
        "an absent path and an empty folder are taken, and the files are closed to others whatever the umask",
        arguments: [false, true])
    func written(isThere: Bool) async throws {
        try await TemporaryDirectory.with { directory in
            let source = directory + "/source"
            let large = Data((0..<(700 << 10)).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try large.write(to: URL(filePath: source))
            let path = directory + (isThere ? "/out" : "/new/below/out")
            if isThere { #expect(mkdir(path, 0o755) == 0) }
            let files = try await ReleaseFolder(path).write(
                ReleaseArchive(Self.files + [.init("adapter/large", .file(source))]))
            #expect(
                files == ["README.md", "adapter/empty", "adapter/large", "adapter/weights"].map { "\(path)/\($0)" })
            #expect(try Data(contentsOf: URL(filePath: files[2])) == large)
            #expect(try Data(contentsOf: URL(filePath: files[1])).isEmpty)
            #expect(try Data(contentsOf: URL(filePath: files[3])).count == 700)
            for place in files + [path, path + "/adapter"] {
                var status = stat()
                #expect(lstat(place, &status) == 0 && status.st_mode & 0o077 == 0, "\(place)")
            }
            let beside = try FileManager.default.contentsOfDirectory(
                atPath: (path as NSString).deletingLastPathComponent)
            #expect(beside.allSatisfy { !$0.contains(".partial-") })
        }
    }

    /// What a daemon that is not to be trusted might send.
    private static let bad: [(String, [UInt8])] = {
        func header(_ name: String, type: String = "0", size: Int = 0) -> [UInt8] {
            var block = [UInt8](repeating: 0, count: 512)
            func put(_ text: String, _ place: Int) {
                block.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
            }
            put(name, 0)
            put("0000644", 100)
            put(String(size, radix: 8).padded(to: 11), 124)
            put(type, 156)
            put("ustar", 257)
            put("00", 263)
            put("        ", 148)
            put(String(block.reduce(0) { $0 + Int($1) }, radix: 8).padded(to: 6), 148)
            return block
        }
        let end = [UInt8](repeating: 0, count: 1024)
        let whole = header("a", size: 3) + Array("abc".utf8) + [UInt8](repeating: 0, count: 509)
        var wrongSum = header("a")
        wrongSum[0] = UInt8(ascii: "b")
        return [
            ("..", header("../a") + end), ("deep ..", header("b/../../a") + end), ("absolute", header("/tmp/a") + end),
            ("dot", header("./a") + end), ("double slash", header("b//a") + end), ("no name", header("") + end),
            ("line break", header("a\nb") + end), ("link", header("a", type: "2") + end),
            ("hard link", header("a", type: "1") + end), ("device", header("a", type: "3") + end),
            ("folder", header("a", type: "5") + end), ("pipe", header("a", type: "6") + end),
            ("long name", header("a", type: "L", size: 3) + end), ("wrong sum", wrongSum + end),
            ("no archive", Array("{\"code\":\"x\"}".utf8) + end + end), ("nothing", []), ("only an end", end),
            ("no end", whole), ("half an end", whole + end.prefix(512)), ("cut off", Array(whole.prefix(514))),
            ("something behind", whole + end + [1]), ("twice", whole + whole + end),
            ("a file as a folder", whole + header("a/b") + end),
            ("a folder as a file", header("b/a") + header("b") + end),
        ]
    }()

    @Test("a bad archive is refused, and leaves nothing behind", arguments: bad.indices)
    func refused(_ index: Int) async throws {
        let (what, bytes) = Self.bad[index]
        try await TemporaryDirectory.with { directory in
            #expect(mkdir(directory + "/below", 0o755) == 0)
            for size in [1, 511, max(1, bytes.count)] {
                let pieces = stride(from: 0, to: bytes.count, by: size).map {
                    Array(bytes[$0..<min(bytes.count, $0 + size)])
                }
                let queue = Queue(pieces)
                let error = await #expect(throws: FledgeError.self, "\(what)") {
                    try await ReleaseFolder("below/new/out", in: directory).write(ReleaseArchive { queue.next() })
                }
                #expect(["release.bad_archive", "release.export_failed"].contains(error?.code))
            }
            let left = try FileManager.default.subpathsOfDirectory(atPath: directory)
            #expect(left == ["below"])
        }
    }

    @Test("a disk that takes no more leaves nothing behind")
    func full() async throws {
        await #expect(processExitsWith: .success) {
            // As on a full disk, a write comes back with less, and then with an error.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            let directory = try TemporaryDirectory.make()
            let archive = ReleaseArchive([
                .init("README.md", .bytes(Array("card".utf8))),
                .init("adapter/weights", .bytes([UInt8](repeating: 9, count: 5000))),
            ])
            let error = await #expect(throws: FledgeError.self) {
                try await ReleaseFolder("new/out", in: directory).write(archive)
            }
            try #require(error?.code == "release.export_failed")
            try #require(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
            try TemporaryDirectory.remove(directory)
        }
    }

    @Test("a source that fails, or is no plain file, leaves nothing behind")
    func failing() async throws {
        try await TemporaryDirectory.with { directory in
            #expect(symlink("/etc/passwd", directory + "/link") == 0)
            for source in ["/nowhere", directory + "/link", "/dev/zero", directory] {
                await #expect(throws: FledgeError.self) {
                    try await ReleaseFolder("out", in: directory).write(
                        ReleaseArchive(Self.files + [.init("adapter/more", .file(source))]))
                }
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(left == ["link"])
        }
    }
}

extension String {
    fileprivate func padded(to count: Int) -> String {
        String(repeating: "0", count: max(0, count - self.count)) + self
    }
}

/// Pieces, one after the other.
private final class Queue: Sendable {
    private let pieces: Mutex<ArraySlice<[UInt8]>>

    init(_ pieces: [[UInt8]]) { self.pieces = Mutex(pieces[...]) }

    func next() -> [UInt8]? { pieces.withLock { $0.popFirst() } }
}

private final class Once: Sendable {
    private let isUsed = Mutex(false)

    var isFirst: Bool {
        isUsed.withLock { isUsed in
            defer { isUsed = true }
            return !isUsed
        }
    }
}
