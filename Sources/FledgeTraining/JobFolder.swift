import FledgeCore
import FledgeEngine
import Foundation
import Glibc
import ManagedProcess

/// The folder of one training job, closed to other users: it holds all rows that are learnt.
struct JobFolder {
    /// How long a lock that is held says that the job runs, when nothing else does: the shell that holds it has a little to
    /// do before it has written down its process, and after it has written down the end.
    static let patience: TimeInterval = 30

    let url: URL
    var now: @Sendable () -> Date = { Date() }

    var events: URL { url.appending(path: "events.jsonl") }
    var log: URL { url.appending(path: "trainer.log") }
    private var lock: URL { url.appending(path: "lock") }
    var job: URL { url.appending(path: "job.json") }
    /// All that the trainer may write.
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
    var isRunning: Bool { isLocked && mayBeTrainers }

    /// Who goes on holding the lock of a job that does not run, for people; nil for nobody.
    var stranger: String? { isLocked && !mayBeTrainers ? holder : nil }

    /// Who has the lock, for people; nil for nobody.
    var holder: String? { isLocked ? LockHolder.description(of: lock.path) : nil }

    private var isLocked: Bool {
        let descriptor = open(lock.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return true }
        flock(descriptor, LOCK_UN)
        return false
    }

    /// A lock that is held is not enough: a process that the trainer left behind, or anybody else, may hold it for ever.
    private var mayBeTrainers: Bool {
        // It is written after the trainer's end, and removed before the next one's start.
        if exitStatus != nil { return isRecent(exit) }
        guard let processID else { return isRecent(job) }
        // The shell leads a group of its own, in which the trainer is.
        return kill(-processID, 0) == 0 || errno == EPERM || isRecent(pid)
    }

    private func isRecent(_ file: URL) -> Bool {
        let changed = try? FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate] as? Date
        return changed.map { now().timeIntervalSince($0) < Self.patience } ?? false
    }

    var exitStatus: Int32? { number(in: exit) }
    var processID: Int32? { number(in: pid).flatMap { $0 > 1 ? $0 : nil } }

    /// Why the shell has stopped the trainer, or ended it by force.
    enum Force: String {
        /// It went on long after its limit.
        case limit
        /// It went on long after SIGTERM.
        case deaf
    }

    /// Nil where it has not.
    var force: Force? {
        (try? String(contentsOf: forced, encoding: .utf8)).flatMap {
            Force(rawValue: $0.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }

    var isCancelled: Bool { FileManager.default.fileExists(atPath: cancelled.path) }

    /// Makes the folder with the job's file; a folder that is there keeps its checkpoint.
    func create(_ specification: TrainingSpec) throws(FledgeError) {
        do {
            for folder in [url, output] { try PrivateFolder.make(folder.path) }
            // What an earlier run left behind would be taken for the end of the one that is about to start.
            for stale in [exit, pid, forced] { try? FileManager.default.removeItem(at: stale) }
            try PrivateFile.write(try JSONEncoder().encode(specification), to: job.path)
        } catch let error as ProcessError where error.code == .noOwners { throw FledgeError(error) } catch {
            throw FledgeError(
                "training.not_writable",
                "the job's folder cannot be written: \((error as? ProcessError)?.message ?? error.localizedDescription)",
                place: url.path,
                hint: "check the disk's space and the state folder's permissions")
        }
    }

    /// The adapter's folder, where the trainer named one in its output; nil for any other, and for a way through a link. No
    /// link is on the way to it but what the trainer may put there yet: who opens it has to follow none.
    func adapter(_ named: String) -> URL? {
        guard named.utf8.count <= 4096 else { return nil }
        let folder = URL(fileURLWithPath: named, isDirectory: true, relativeTo: url).standardizedFileURL
        let outputs = output.standardizedFileURL.pathComponents
        let parts = folder.pathComponents
        guard parts.starts(with: outputs), parts.count > outputs.count,
            // The trainer has no hand on the job's own folder and what is above it.
            let own = realpath(url.path, nil)
        else { return nil }
        defer { free(own) }
        var current = URL(filePath: String(cString: own), directoryHint: .isDirectory)
            .appending(path: "output", directoryHint: .isDirectory)
        for part in parts.dropFirst(outputs.count) { current.append(path: part, directoryHint: .isDirectory) }
        guard (try? FileTree(withoutLinks: current.path)) != nil else { return nil }
        return current
    }

    func markCancelled() throws(FledgeError) {
        do { try PrivateFile.write(Data(), to: cancelled.path) } catch {
            throw FledgeError(
                "training.not_writable", "the job's folder cannot be written: \(error.message)", place: url.path)
        }
    }

    /// Notes where this run's events and log begin; to be called right before its start.
    func markBegin() throws(ProcessError) {
        let text = "\(FailedRun.size(of: events)) \(FailedRun.size(of: log))\n"
        try PrivateFile.write(Data(text.utf8), to: begun.path)
    }

    /// Zero for a run of the version before, which noted none.
    var begin: (events: UInt64, log: UInt64) {
        let noted = (try? String(contentsOf: begun, encoding: .utf8)) ?? ""
        let numbers = noted.split(whereSeparator: \.isWhitespace).compactMap { text in UInt64(text) }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 0)
    }

    private func number(in file: URL) -> Int32? {
        (try? ForeignFile(file.path)?.whole(limit: 64)).flatMap {
            Int32(String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }
}
