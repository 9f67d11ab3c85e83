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
}
