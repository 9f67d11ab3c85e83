import FledgeCore
import Foundation
import Synchronization

/// Ends the program where something is not as it has to be.
func expect(_ condition: Bool, _ what: @autoclosure () -> String) {
    guard condition else { fatalError("not as it has to be: \(what())") }
}

/// What must work.
func must<Value>(_ what: String, _ body: () throws -> Value) -> Value {
    do { return try body() } catch { fatalError("\(what): \(error)") }
}

/// What comes of the body, which runs on other threads; this one waits for it.
func awaited<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    let outcome = Mutex<Result<Value, any Error>?>(nil)
    let end = DispatchSemaphore(value: 0)
    Task {
        let result: Result<Value, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        outcome.withLock { $0 = result }
        end.signal()
    }
    end.wait()
    guard let result = outcome.withLock({ $0 }) else { fatalError("nothing has come") }
    return try result.get()
}

/// An error that a user is told says what is wrong, by which code.
func expectTelling(_ error: FledgeError) {
    expect(!error.message.isEmpty, "an error without a message")
    expect(error.code.rawValue.contains("."), "the code \(error.code.rawValue)")
}

/// A folder of this process, in memory.
enum ScratchFolder {
    static let url: URL = {
        let url = URL(filePath: "/dev/shm/fledge-fuzz-\(getpid())", directoryHint: .isDirectory)
        let inner = url.appending(path: "adapter")
        must("a folder") { try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true) }
        atexit { try? FileManager.default.removeItem(at: ScratchFolder.url) }
        return url
    }()

    static func write(_ bytes: some Sequence<UInt8>, to name: String) -> URL {
        let file = url.appending(path: name)
        must("a file") { try Data(bytes).write(to: file) }
        return file
    }
}

/// A line, header fields, a blank line and a body: what a request or a response is made of, in a form that is easy to write.
struct Message {
    var line: String
    var fields: [(name: String, value: String)] = []
    var body: [UInt8]

    init(_ bytes: [UInt8]) {
        var rest = bytes[...]
        func next() -> String {
            let line = rest.prefix { $0 != 0x0A }
            rest = rest.dropFirst(line.count + 1)
            return String(decoding: line, as: UTF8.self)
        }
        line = next()
        while !rest.isEmpty {
            let text = next()
            guard !text.isEmpty else { break }
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            fields.append((String(parts[0]), parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""))
        }
        body = Array(rest)
    }
}
