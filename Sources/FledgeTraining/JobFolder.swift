import FledgeCore
import FledgeEngine
import Foundation
import Glibc
import ManagedProcess

/// The folder of one training job, closed to other users: it holds all rows that are learnt.
struct JobFolder {
    /// For how long a held lock alone is taken as the sign that the job runs. The shell that holds it needs a moment
    /// before it has written the number of its process, and after it has written how the run ended.
    static let patience: TimeInterval = 30

    let url: URL
    var now: @Sendable () -> Date = { Date() }

    var events: URL { url.appending(path: "events.jsonl") }
    var log: URL { url.appending(path: "trainer.log") }
    private var lock: URL { url.appending(path: "lock") }
    /// Locked by whoever starts the job, until it is started.
    private var submission: URL { url.appending(path: "submission") }
    var job: URL { url.appending(path: "job.json") }
    /// The folder that holds all that the trainer may write.
    var output: URL { url.appending(path: "output", directoryHint: .isDirectory) }
    /// What the trainer's calls to the kernel are filtered by.
    var filter: URL { url.appending(path: "calls.bpf") }
    private var pid: URL { url.appending(path: "pid") }
    private var exit: URL { url.appending(path: "exit") }
    /// How much of events and log is of runs before this one.
    private var begun: URL { url.appending(path: "begun") }
    private var forced: URL { url.appending(path: "forced") }
    private var cancelled: URL { url.appending(path: "cancelled") }

    /// Whether the trainer runs: somebody holds the lock, and it may be the trainer.
    ///
    /// - Throws: like all that is read here, `training.unreadable` where nobody can tell, or `file.unread` where that may pass:
    ///   what can't be read is not taken for a job that does not run.
    var isRunning: Bool { get throws(FledgeError) { try isLocked ? try mayBeTrainers : false } }

    /// Which process still holds the lock of a job that does not run, in words for people; nil where none does.
    var stranger: String? {
        get throws(FledgeError) {
            guard try isLocked, try !mayBeTrainers else { return nil }
            return try holder
        }
    }

    /// Which process holds the lock, in words for people; nil where none does.
    var holder: String? { get throws(FledgeError) { try isLocked ? LockHolder.description(of: lock.path) : nil } }

    private var isLocked: Bool {
        get throws(FledgeError) {
            try reading { () throws(ProcessError) in try FileLock.isTaken(lock.path) }
        }
    }

    /// The error for a file of the job's that can't be read, from which nothing follows about the job.
    func reading<Value>(_ body: () throws(ProcessError) -> Value) throws(FledgeError) -> Value {
        do { return try body() } catch { throw Self.unread(error, url.path) }
    }

    static func unread(_ error: ProcessError, _ place: String) -> FledgeError {
        FledgeError(
            unread: error, "training.unreadable", "how the training job stands can't be told", place: place,
            hint: "let the daemon read the job's folder, then fledge retry")
    }

    /// A lock that is held is not enough: a process that the trainer left behind, or anybody else, may hold it for ever.
    private var mayBeTrainers: Bool {
        get throws(FledgeError) {
            // It is written after the trainer's end, and removed before the next one's start.
            if try exitStatus != nil { return try isRecent(exit) }
            guard let processID = try processID else { return try isRecent(job) }
            // The shell leads a group of its own, in which the trainer is.
            if kill(-processID, 0) == 0 || errno == EPERM { return true }
            return try isRecent(pid)
        }
    }

    private func isRecent(_ file: URL) throws(FledgeError) -> Bool {
        guard let changed = try reading({ () throws(ProcessError) in try WholeFile.status(of: file.path)?.st_mtim })
        else { return false }
        let seconds = Double(changed.tv_sec) + Double(changed.tv_nsec) / 1e9
        return now().timeIntervalSince1970 - seconds < Self.patience
    }

    var exitStatus: Int32? { get throws(FledgeError) { try number(in: exit) } }
    var processID: Int32? { get throws(FledgeError) { try number(in: pid).flatMap { $0 > 1 ? $0 : nil } } }

    /// Why the shell has stopped the trainer, or ended it by force.
    enum Force: String {
        /// It went on long after its limit.
        case limit
        /// It went on long after SIGTERM.
        case deaf
    }

    /// Why the shell ended the trainer; nil where it did not.
    var force: Force? {
        get throws(FledgeError) {
            try reading { () throws(ProcessError) in try WholeFile.read(forced.path) }.flatMap {
                Force(rawValue: String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
            }
        }
    }

    var isCancelled: Bool {
        get throws(FledgeError) {
            try reading { () throws(ProcessError) in try WholeFile.status(of: cancelled.path) != nil }
        }
    }

    /// Whether anything is known of the job.
    var isThere: Bool {
        get throws(FledgeError) { try reading { () throws(ProcessError) in try WholeFile.status(of: url.path) != nil } }
    }

    private func makeFolders() throws(FledgeError) {
        do { for folder in [url, output] { try PrivateFolder.make(folder.path) } } catch { throw notWritable(error) }
    }

    /// Makes the folder, and waits until nobody else starts the job.
    ///
    /// - Returns: a lock that others wait for, to be released once the job is started.
    func turn() async throws -> FileLock {
        try makeFolders()
        while true {
            do { if let lock = try FileLock.take(submission.path) { return lock } } catch { throw notWritable(error) }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Closes the folder of a job that has ended without closing it, as after SIGKILL, or was not started at all: the number
    /// that it was open to is free again.
    func closeAfterEnd() {
        // Who starts the job has the one lock until the trainer's shell has the other.
        guard Passage.isForOne(url.path), let turn = try? FileLock.take(submission.path) else { return }
        defer { turn.release() }
        if (try? isLocked) == false { _ = PrivateFolder.close(url.path, followsLinks: false) }
    }

    /// Makes the folder with the job's file; a folder that is there keeps its checkpoint, and loses what tells of the
    /// end of a run before.
    func create(_ specification: TrainingSpec) throws(FledgeError) {
        try makeFolders()
        do {
            // Files that tell of an earlier run's end are removed, or they would be taken for the end of the run that
            // is about to start.
            for stale in [exit, pid, forced] where unlink(stale.path) != 0 && errno != ENOENT {
                throw ProcessError(.fileSystem, "\(stale.path) can't be removed: \(String(cString: strerror(errno)))")
            }
            try PrivateFile.write(try JSONProfile.foreign.data(of: specification), to: job.path)
        } catch { throw notWritable(error) }
    }

    private func notWritable(_ error: any Error) -> FledgeError {
        if let error = error as? ProcessError, error.code == .noOwners { return FledgeError(error) }
        return FledgeError(
            "training.not_writable",
            "the job's folder cannot be written: \((error as? ProcessError)?.message ?? error.localizedDescription)",
            place: url.path,
            hint: "check the disk's space and the state folder's permissions")
    }

    /// The adapter's folder, where the trainer named one in its output; nil for any other, and for a way through a link. No
    /// link is on the way to it but what the trainer may put there yet: who opens it has to follow none.
    ///
    /// - Throws: where that can't be told.
    func adapter(_ named: String) throws(FledgeError) -> URL? {
        guard named.utf8.count <= 4096 else { return nil }
        let folder = URL(fileURLWithPath: named, isDirectory: true, relativeTo: url).standardizedFileURL
        let outputs = output.standardizedFileURL.pathComponents
        let parts = folder.pathComponents
        guard parts.starts(with: outputs), parts.count > outputs.count else { return nil }
        // The trainer can't write to the job's own folder, nor to those above it.
        guard let own = realpath(url.path, nil) else {
            if errno == ENOENT { return nil }
            throw Self.unread(WholeFile.unreadable(url.path, errno), url.path)
        }
        defer { free(own) }
        var current = URL(filePath: String(cString: own), directoryHint: .isDirectory)
            .appending(path: "output", directoryHint: .isDirectory)
        for part in parts.dropFirst(outputs.count) { current.append(path: part, directoryHint: .isDirectory) }
        do throws(ProcessError) { return try FileTree(withoutLinks: current.path) == nil ? nil : current } catch {
            // Every other error is about what the trainer has put there.
            guard error.mayPass || error.number == EACCES else { return nil }
            throw Self.unread(error, url.path)
        }
    }

    func markCancelled() throws(FledgeError) {
        do { try PrivateFile.write(Data(), to: cancelled.path) } catch {
            throw FledgeError(
                "training.not_writable", "the job's folder cannot be written: \(error.message)", place: url.path)
        }
    }

    /// Notes where this run's events and log begin; to be called right before its start.
    func markBegin() throws(ProcessError) {
        let text = "\(try FailedRun.size(of: events)) \(try FailedRun.size(of: log))\n"
        try PrivateFile.write(Data(text.utf8), to: begun.path)
    }

    /// Zero for a run of the version before, which noted none.
    var begin: (events: UInt64, log: UInt64) {
        get throws(FledgeError) {
            let noted = try reading { () throws(ProcessError) in try WholeFile.read(begun.path) ?? Data() }
            let numbers = String(decoding: noted, as: UTF8.self).split(whereSeparator: \.isWhitespace)
                .compactMap { text in UInt64(text) }
            return numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 0)
        }
    }

    private func number(in file: URL) throws(FledgeError) -> Int32? {
        let content = try reading { () throws(ProcessError) -> Data? in
            do throws(ProcessError) { return try ForeignFile(file.path)?.whole(limit: 64) } catch {
                // No number is that long.
                if error.code == .tooLarge { return nil }
                throw error
            }
        }
        return content.flatMap {
            Int32(String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }
}
