import FledgeCore
import Foundation
import Glibc
import ManagedProcess
import Synchronization

/// Where data files that come with requests lie while their requests are under way: below a folder of this process, in a
/// folder of each request, closed to everybody else, under names that are numbers.
///
/// What a process leaves that was killed goes when the next one starts.
package final class SubmissionSpool: Sendable {
    package let limits: SubmissionLimits
    private let folder: String
    /// Of the folder: nobody takes it for one that a process has left.
    private let lock: FileLock
    /// Bytes that requests under way have said they bring.
    private let reserved = Mutex<[Door: Int64]>([:])

    /// Where a request comes from: those of the one take no room from those of the other.
    package enum Door: Hashable, Sendable { case socket, network }

    /// - Parameter parent: holds a folder for each process; it is made where there is none.
    /// - Throws: `state.not_writable`; `CancellationError`.
    package init(in parent: String, limits: SubmissionLimits = SubmissionLimits()) async throws {
        self.limits = limits
        folder = "\(parent)/\(UUID().uuidString.lowercased())"
        do {
            try PrivateFolder.make(parent)
            // Processes that start at one moment take turns: none takes another's new folder for a left one.
            let turn = try await FileLock.take(folder: parent, within: nil)
            defer { turn.release() }
            try Self.sweep(parent)
            try PrivateFolder.make(folder)
            lock = try await FileLock.take(folder: folder, within: nil)
        } catch let error as ProcessError {
            throw FledgeError("state.not_writable", error.message, place: parent, hint: error.hint)
        }
    }

    deinit {
        lock.release()
        rmdir(folder)
    }

    /// Calls the body with a folder for one request's files; it is gone afterwards, however the body ends.
    ///
    /// - Parameter bytes: how much the request brings, at most; from 0.
    /// - Throws: `request.too_many_uploads` where requests under way by that door bring too much already;
    ///   `state.not_writable`, also where the disk would be all but full.
    package func holding<Value>(
        _ bytes: Int64, from door: Door, _ body: (SpooledRequest) async throws -> Value
    ) async throws -> Value {
        try requireSpace(for: bytes)
        let hasRoom = reserved.withLock { reserved in
            let before = reserved[door, default: 0]
            // One alone always has room.
            guard before == 0 || bytes <= 2 * limits.requestBytes - before else { return false }
            reserved[door] = before + bytes
            return true
        }
        guard hasRoom else {
            throw FledgeError(
                "request.too_many_uploads",
                "other requests bring as much data at the moment as the daemon takes at once",
                hint: "try again in a moment")
        }
        defer { reserved.withLock { $0[door, default: 0] -= bytes } }
        let name = UUID().uuidString.lowercased()
        do throws(ProcessError) { try PrivateFolder.make("\(folder)/\(name)") } catch { throw Self.failure(error) }
        defer { remove(name) }
        return try await body(SpooledRequest(folder: "\(folder)/\(name)"))
    }

    /// A private database lies on the same disk: it is left what it needs to go on.
    private static let spareBytes: Int64 = 256 << 20

    private func requireSpace(for bytes: Int64) throws(FledgeError) {
        var status = statvfs()
        // Where it isn't known, writing tells.
        guard statvfs(folder, &status) == 0 else { return }
        let (free, isHuge) = UInt64(clamping: status.f_bavail).multipliedReportingOverflow(
            by: UInt64(clamping: status.f_frsize))
        guard !isHuge, bytes > 0, free < UInt64(clamping: bytes) + UInt64(clamping: Self.spareBytes) else { return }
        throw FledgeError(
            "state.not_writable",
            "the request brings \(bytes) bytes, and the disk with the daemon's state folder has \(free) left",
            hint: "make room there; 256 MiB of it stay free")
    }

    private func remove(_ name: String) {
        guard let tree = try? FileTree(folder), let entries = try? tree.entries() else { return }
        for entry in entries where entry.name == name { try? tree.remove(entry) }
    }

    /// Removes the folders of processes that have ended.
    private static func sweep(_ parent: String) throws(ProcessError) {
        guard let tree = try FileTree(parent) else { return }
        for entry in try tree.entries() where entry.isFolder {
            // Whoever has it locked is still there.
            guard let left = try? FileLock.take(folder: "\(parent)/\(entry.name)") else { continue }
            defer { left.release() }
            try tree.remove(entry)
        }
    }

    /// For whoever sent it, who need not know where the daemon's files lie.
    fileprivate static func failure(_ error: ProcessError) -> FledgeError {
        FledgeError(
            "state.not_writable",
            "the request's data can't be kept: \(error.number.map { String(cString: strerror($0)) } ?? "the folder failed")",
            hint: "check the disk with the daemon's state folder, and its permissions")
    }
}

/// The folder of one request's data files.
package struct SpooledRequest: Sendable {
    fileprivate let folder: String

    /// - Parameter number: which of the request's files it is.
    /// - Throws: `state.not_writable`.
    package func file(_ number: Int) throws(FledgeError) -> SpooledFile {
        try SpooledFile("\(folder)/\(number)")
    }
}

/// A data file that comes piece by piece; closed with its last reference.
package final class SpooledFile: Sendable {
    package let path: String
    private let descriptor: Int32

    fileprivate init(_ path: String) throws(FledgeError) {
        self.path = path
        do throws(ProcessError) { descriptor = try PrivateFile.make(path) } catch {
            throw SubmissionSpool.failure(error)
        }
    }

    deinit { close(descriptor) }

    /// Blocks until the bytes are written. One call follows the other.
    ///
    /// - Throws: `state.not_writable`, as where the disk is full.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(FledgeError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = String(cString: strerror(count < 0 ? errno : EIO))
                throw FledgeError(
                    "state.not_writable", "a data file of the request can't be kept: \(reason)",
                    hint: "check the space of the disk with the daemon's state folder")
            }
            rest = rest.dropFirst(count)
        }
    }
}
