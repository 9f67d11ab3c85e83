import FledgeCore
import Foundation
import Glibc
import ManagedProcess

/// The file of heads. Lines of JSON are added under a lock, so that no line is lost while another process replaces the
/// file.
struct AnchorFile: Sendable {
    /// What was read from the file.
    struct Content: Sendable {
        /// By use case, the line that has come furthest.
        var lines: [String: AuditAnchor.Line] = [:]
        /// The place in the tables that the last line names.
        var place = AuditGrowth.Place()
        /// Lines that cannot be read, besides one that a crash cut off.
        var unreadable = 0
        var bytes = 0
    }

    let path: String
    /// How long to wait for another process that has the lock.
    let patience: Duration

    /// Reads the file. Where it has become large, the file is written anew with the lines that still count, which are
    /// the latest of each use case.
    ///
    /// - Throws: `audit.anchor_not_writable`, `audit.anchor_unreadable`.
    func open(compactFrom: Int) async throws(FledgeError) -> Content {
        let folder = (path as NSString).deletingLastPathComponent
        do { try PrivateFolder.make(folder) } catch { throw notWritable(error.message) }
        return try await locked { file in
            let content = try file.content()
            if content.bytes > compactFrom, content.unreadable == 0 {
                let new = file.path + ".new"
                unlink(new)
                try file.append(
                    content.lines.values.sorted { $0.useCase < $1.useCase }.flatMap { Self.bytes(of: $0) }, to: new)
                guard rename(new, file.path) == 0 else { throw file.notWritable(String(cString: strerror(errno))) }
            }
            return content
        }
    }

    /// Adds lines. - Throws: `audit.anchor_not_writable`, `audit.anchor_unreadable`: nothing is written then.
    func append(_ lines: [AuditAnchor.Line]) async throws(FledgeError) {
        let bytes = lines.flatMap { Self.bytes(of: $0) }
        try await locked { file in try file.append(bytes, to: file.path) }
    }

    /// Every line that can be read, oldest first.
    func read() throws(FledgeError) -> [AuditAnchor.Line] {
        try bytes().split(separator: UInt8(ascii: "\n"))
            .compactMap { try? JSONProfile.exported.value(AuditAnchor.Line.self, from: Data($0)) }
    }

    /// The file's bytes; none only where there is no file. A file that can't be read is an error: if it were taken for
    /// empty, a history that was cut off would be accepted as a new one.
    private func bytes() throws(FledgeError) -> Data {
        do { return try WholeFile.read(path, isPlain: true) ?? Data() } catch { throw notReadable(error) }
    }

    private func content() throws(FledgeError) -> Content {
        let data = try bytes()
        let parts = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
        var content = Content(bytes: data.count)
        for (index, part) in parts.enumerated() {
            if let line = try? JSONProfile.exported.value(AuditAnchor.Line.self, from: Data(part)) {
                // Two daemons write to the file, and the one that read the database first may have written last, so the
                // head that has come further counts.
                if !line.head.isBehind(content.lines[line.useCase]?.head) { content.lines[line.useCase] = line }
                content.place = line.place
            } else if index < parts.count - 1 || data.last == UInt8(ascii: "\n") {
                content.unreadable += 1
            }
        }
        return content
    }

    private func locked<Result: Sendable>(
        _ body: @Sendable (AnchorFile) throws -> Result
    ) async throws(FledgeError) -> Result {
        do {
            return try await FileLock.holding(
                URL(filePath: path + ".lock"), within: patience, body: { _ in try body(self) })
        } catch let error as FledgeError {
            throw error
        } catch let error as ProcessError {
            throw notWritable(error.message)
        } catch {
            throw notWritable("\(error)")
        }
    }

    private static func bytes(of line: AuditAnchor.Line) -> [UInt8] {
        ((try? JSONProfile.exported.data(of: line)).map(Array.init) ?? []) + [UInt8(ascii: "\n")]
    }

    private func append(_ bytes: [UInt8], to path: String) throws(FledgeError) {
        let descriptor = Glibc.open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw notWritable(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        // A crash may have cut off the last line. The next line has to begin on a line of its own, or both would be
        // unreadable.
        var last = UInt8(ascii: "\n")
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= 0, end == 0 || pread(descriptor, &last, 1, end - 1) == 1 else {
            throw notReadable(WholeFile.unreadable(path, errno))
        }
        var bytes = bytes
        if last != UInt8(ascii: "\n") {
            let standing: Data
            do {
                lseek(descriptor, 0, SEEK_SET)
                standing = try WholeFile.read(descriptor, path)
            } catch { throw notReadable(error) }
            let whole = standing.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            if (try? JSONProfile.exported.value(AuditAnchor.Line.self, from: Data(standing[whole...]))) != nil {
                // Only the line's end is missing.
                bytes.insert(UInt8(ascii: "\n"), at: 0)
            } else if ftruncate(descriptor, off_t(whole)) != 0 {
                throw notWritable(String(cString: strerror(errno)))
            }
        }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw notWritable(String(cString: strerror(errno))) }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw notWritable(String(cString: strerror(errno))) }
    }

    private func notReadable(_ error: ProcessError) -> FledgeError {
        FledgeError(
            "audit.anchor_unreadable",
            "the heads of the evidence that were written down can't be read: \(error.message)", place: path,
            hint: "restore the file or mend what keeps it from being read; nothing is written until then",
            exitCode: error.mayPass ? .tryAgain : .unavailable)
    }

    private func notWritable(_ why: String) -> FledgeError {
        FledgeError(
            "audit.anchor_not_writable", "the heads of the evidence cannot be written down: \(why)", place: path,
            hint: "check the folder's permissions and the disk's space")
    }
}
