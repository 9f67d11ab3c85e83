import CurlClient
import FledgeCore
import Foundation
import Glibc

/// Fetches files into a folder: each as `NAME.partial`, and under its own name once it is whole.
struct HubDownload: Sendable {
    let client: HubClient
    let folder: URL
    let progress: FetchProgress
    /// How often in a row a file's transfer may fail without a byte having come.
    var attempts = 5
    var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// How much of the file is there already, in bytes.
    func present(_ file: HubFile) -> Int64 {
        if Self.size(place(file)) == file.size { return file.size }
        return min(Self.size(partial(file)) ?? 0, file.size)
    }

    /// - Parameter commit: of the repository.
    /// - Throws: `hub.…`, `fetch.cannot_write`. What has come stays, unless it is wrong.
    func fetch(_ file: HubFile, at commit: String) async throws {
        let place = place(file)
        let partial = partial(file)
        // A file gets this name only after it was verified, so it is whole.
        if Self.size(place) == file.size { return }
        var failures = 0
        // What was lost and came again is no progress.
        var most = Self.size(partial) ?? 0
        while Self.size(partial) != file.size {
            do {
                try await append(file, at: commit, to: partial)
                // Whole as the server has it: where that is too little, it is said below.
                break
            } catch let error as FledgeError where error.disposition == .transient {
                let now = Self.size(partial) ?? 0
                failures = now > most ? 1 : failures + 1
                most = max(most, now)
                guard failures < attempts else { throw error }
                progress.notice("\(error.message): trying again")
                try await pause(.seconds(1 << min(failures - 1, 4)))
            }
        }
        try verify(file, partial)
        try Self.writing(to: folder) {
            try? FileManager.default.removeItem(at: place)
            try FileManager.default.moveItem(at: partial, to: place)
        }
    }

    /// Whether the file lies in the folder as the hub has it.
    ///
    /// - Throws: where what lies there can't be read.
    static func isWhole(_ file: HubFile, at place: URL) throws(FledgeError) -> Bool {
        guard size(place) == file.size else { return false }
        guard let digest = file.digest else { return true }
        return try matches(digest, place)
    }

    private func append(_ file: HubFile, at commit: String, to partial: URL) async throws {
        let offset = min(Self.size(partial) ?? 0, file.size)
        let (head, body) = try await client.open(file, at: commit, from: offset)
        let isRest = head.status == 206 && Self.start(of: head) == offset
        guard isRest || head.status == 200 else {
            try? FileManager.default.removeItem(at: partial)
            progress.took(-offset)
            throw FledgeError(
                "hub.bad_range", "the hub does not send the rest of \(file.name)", hint: "try again")
        }
        let handle = try Self.writing(to: folder) { () throws -> FileHandle in
            if !FileManager.default.fileExists(atPath: partial.path) { try Data().write(to: partial) }
            return try FileHandle(forWritingTo: partial)
        }
        defer { try? handle.close() }
        // A server that knows no ranges sends all of it again.
        if !isRest { progress.took(-offset) }
        try Self.writing(to: folder) { try handle.truncate(atOffset: isRest ? UInt64(offset) : 0) }
        try Self.writing(to: folder) { _ = try handle.seekToEnd() }
        var pieces = body.makeAsyncIterator()
        while true {
            let piece: [UInt8]?
            do { piece = try await pieces.next() } catch { throw HubClient.failure(error) }
            guard let piece else { break }
            try Self.writing(to: folder) { try handle.write(contentsOf: Data(piece)) }
            progress.received(piece.count)
        }
        // Without a length, a connection that was cut looks like the body's end.
        guard head.headers["content-length"] != nil || (Self.size(partial) ?? 0) >= file.size else {
            throw FledgeError(
                "hub.unreachable", "\(file.name) ended too early",
                hint: "check the network; the same command goes on where it ended", exitCode: .tryAgain)
        }
    }

    private func verify(_ file: HubFile, _ partial: URL) throws(FledgeError) {
        let size = Self.size(partial) ?? 0
        var fault: String?
        if size != file.size {
            fault = "\(size) bytes came of \(file.name), which has \(file.size)"
        } else if let digest = file.digest, try !Self.matches(digest, partial) {
            fault = "what came of \(file.name) has another \(digest.name) than the hub says"
        }
        guard let fault else { return }
        try? FileManager.default.removeItem(at: partial)
        throw FledgeError(
            "hub.wrong_content", fault,
            hint: "it was removed, and the same command fetches it anew; if it stays so, ask whom the hub belongs to")
    }

    private func place(_ file: HubFile) -> URL { folder.appending(path: file.name) }
    private func partial(_ file: HubFile) -> URL { folder.appending(path: file.name + ".partial") }

    /// As in `Content-Range: bytes 100-199/200`.
    private static func start(of head: HTTPResponseHead) -> Int64? {
        head.headers["content-range"]?.firstMatch(of: /bytes (\d+)-/).flatMap { Int64($0.1) }
    }

    /// In bytes; nil where there is no file.
    private static func size(_ file: URL) -> Int64? {
        var status = stat()
        return stat(file.path, &status) == 0 ? Int64(status.st_size) : nil
    }

    /// - Throws: where it can't be read: that does not make it another.
    private static func matches(_ digest: HubDigest, _ file: URL) throws(FledgeError) -> Bool {
        do { return digest.matches(try Data(contentsOf: file, options: .mappedIfSafe)) } catch {
            throw FledgeError(
                .fileUnread, "what was fetched can't be read: \(error.localizedDescription)", place: file.path,
                hint:
                    "look at the disk and the limit of open files (ulimit -n); the same command goes on where it ended")
        }
    }

    /// - Throws: `fetch.cannot_write`, exit 73.
    static func writing<Value>(to folder: URL, _ body: () throws -> Value) throws(FledgeError) -> Value {
        do { return try body() } catch {
            throw FledgeError(
                "fetch.cannot_write", "the folder cannot be written: \(error.localizedDescription)", place: folder.path,
                hint: "free space there, or name another folder with --to")
        }
    }
}
