import FledgeCore
import FledgeEngine
import Foundation
import Glibc

/// The folder of one training job.
struct JobFolder {
    let url: URL

    var events: URL { url.appending(path: "events.jsonl") }
    var log: URL { url.appending(path: "trainer.log") }
    private var lock: URL { url.appending(path: "lock") }
    private var pid: URL { url.appending(path: "pid") }
    private var exit: URL { url.appending(path: "exit") }
    private var cancelled: URL { url.appending(path: "cancelled") }

    /// Whether somebody holds the lock.
    var isRunning: Bool {
        let descriptor = open(lock.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return true }
        flock(descriptor, LOCK_UN)
        return false
    }

    var exitStatus: Int32? { number(in: exit) }
    var processID: Int32? { number(in: pid) }
    var isCancelled: Bool { FileManager.default.fileExists(atPath: cancelled.path) }

    /// Makes the folder with the job's file; a folder that is there keeps its checkpoint.
    func create(_ specification: TrainingSpec) throws(FledgeError) {
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            // What an earlier run left behind would be taken for the end of the one that is about to start.
            for stale in [exit, pid] { try? FileManager.default.removeItem(at: stale) }
            try JSONEncoder().encode(specification).write(to: url.appending(path: "job.json"), options: .atomic)
        } catch {
            throw FledgeError(
                "training.not_writable", "the job's folder cannot be written: \(error.localizedDescription)",
                place: url.path,
                hint: "check the disk's space and the state folder's permissions", exitCode: .cannotWrite)
        }
    }

    func markCancelled() throws(FledgeError) {
        do { try Data().write(to: cancelled) } catch {
            throw FledgeError(
                "training.not_writable", "the job's folder cannot be written", place: url.path, exitCode: .cannotWrite)
        }
    }

    private func number(in file: URL) -> Int32? {
        (try? String(contentsOf: file, encoding: .utf8)).flatMap {
            Int32($0.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }
}
