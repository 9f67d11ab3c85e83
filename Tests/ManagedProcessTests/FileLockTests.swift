import Foundation
import ManagedProcess
import Testing

@Suite("A lock on a file")
struct FileLockTests {
    @Test("who waited for a lock whose file was removed meanwhile takes it anew, on the file of that name")
    func removed() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "one.lock")
        let (turns, waits) = AsyncStream.makeStream(of: Void.self)
        let second = try await FileLock.holding(file, waiting: {}) { _ async throws -> Task<Bool, any Error> in
            let second = Task<Bool, any Error> {
                try await FileLock.holding(file, waiting: { waits.yield() }) { _ in
                    FileManager.default.fileExists(atPath: file.path)
                }
            }
            var iterator = turns.makeAsyncIterator()
            _ = await iterator.next()
            try FileManager.default.removeItem(at: file)
            return second
        }
        #expect(try await second.value)
    }

    @Test("who does not want to wait longer is told who has the lock")
    func limit() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "one.lock")
        try await FileLock.holding(file, waiting: {}) { _ in
            let error = await #expect(throws: ProcessError.self) {
                try await FileLock.holding(file, within: .zero, waiting: {}) { _ in }
            }
            #expect(error?.code == .fileSystem && error?.message.contains("is locked by") == true)
        }
        try await FileLock.holding(file, within: .zero, waiting: {}) { _ in }
    }

    @Test("a lock that is taken for good is one holder's alone, or shared by those that share it, until it is released")
    func taken() throws {
        try Self.withFolder { folder in
            let path = folder + "/one.lock"
            #expect(try !FileLock.isTaken(path))
            let alone = try #require(try FileLock.take(path))
            for share in [FileLock.Share.alone, .shared] { #expect(try FileLock.take(path, share)?.release() == nil) }
            #expect(try FileLock.isTaken(path))
            alone.note("a longer text")
            alone.note("short")
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "short")
            alone.release()
            let shared = try (0..<2).map { _ in try #require(try FileLock.take(path, .shared)) }
            #expect(try FileLock.take(path)?.release() == nil)
            #expect(try !FileLock.isTaken(path))
            for lock in shared { lock.release() }
            try #require(try FileLock.take(path)).release()
        }
    }

    @Test("a folder's lock is waited for no longer than one wants to, and what is no folder is not locked")
    func folder() async throws {
        let folder = NSTemporaryDirectory() + "/" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/inner", withIntermediateDirectories: true)
        let first = try await FileLock.take(folder: folder, within: .zero)
        let error = await #expect(throws: ProcessError.self) { try await FileLock.take(folder: folder, within: .zero) }
        #expect(error?.message.contains("is locked by") == true)
        #expect(try FileLock.take(folder: folder)?.release() == nil)
        try await FileLock.take(folder: folder + "/inner", within: .zero).release()
        let second = Task { try await FileLock.take(folder: folder, within: .seconds(60)) }
        first.release()
        try await second.value.release()
        try #require(try FileLock.take(folder: folder)).release()
        await #expect(throws: ProcessError.self) { try await FileLock.take(folder: folder + "/none", within: .zero) }
        #expect(throws: ProcessError.self) { try FileLock.take(folder: folder + "/none") }
    }

    @Test("what is done while nobody has a lock has it alone meanwhile, and makes no file for it")
    func free() throws {
        try Self.withFolder { folder in
            let path = folder + "/one.lock"
            #expect(try FileLock.whileFree(path) { 1 } == 1)
            #expect(!FileManager.default.fileExists(atPath: path))
            for share in [FileLock.Share.alone, .shared] {
                let other = try #require(try FileLock.take(path, share))
                #expect(try FileLock.whileFree(path) { 1 } == nil)
                other.release()
            }
            let isShared = try FileLock.whileFree(path) { try FileLock.take(path, .shared) != nil }
            #expect(isShared == false)
            try #require(try FileLock.take(path)).release()
        }
    }

    @Test("a link in the place of a lock is not followed")
    func link() throws {
        try Self.withFolder { folder in
            let (other, path) = (folder + "/other", folder + "/one.lock")
            try Data("precious".utf8).write(to: URL(filePath: other))
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: other)
            #expect(throws: ProcessError.self) { try FileLock.take(path) }
            #expect(throws: ProcessError.self) { try FileLock.isTaken(path) }
            #expect(throws: ProcessError.self) { try FileLock.whileFree(path) {} }
            #expect(try String(contentsOfFile: other, encoding: .utf8) == "precious")
        }
    }

    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }
}
