import Foundation
import Glibc

/// Says which process holds a lock, in words for people: the system does not tell whoever waits for it.
package enum LockHolder {
    /// `process 4711 (python3)` for each other process that holds the file's lock or has it open; a sentence's subject.
    package static func description(of path: String) -> String {
        let holders = processes(of: path)
        guard !holders.isEmpty else { return "a process that can't be seen from here" }
        return holders.prefix(4).map { "process \($0)" + (name(of: $0).map { " (\($0))" } ?? "") }
            .joined(separator: ", ")
    }

    /// Processes that have the file open come first: when the process that took a lock has ended, the lock stays with
    /// children that inherited the descriptor.
    static func processes(of path: String) -> [Int32] {
        var file = stat()
        guard stat(path, &file) == 0 else { return [] }
        let files = FileManager.default
        let all = ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }.sorted()
        let openers = all.filter { process in
            guard process != getpid() else { return false }
            let folder = "/proc/\(process)/fd"
            return ((try? files.contentsOfDirectory(atPath: folder)) ?? []).contains { descriptor in
                var opened = stat()
                return stat("\(folder)/\(descriptor)", &opened) == 0 && opened.st_dev == file.st_dev
                    && opened.st_ino == file.st_ino
            }
        }
        if !openers.isEmpty { return openers }
        // Other users' processes don't show what they have open, but the table of locks names them.
        let table = (try? String(contentsOfFile: "/proc/locks", encoding: .utf8)) ?? ""
        return table.split(separator: "\n").compactMap { line -> Int32? in
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[1] == "FLOCK", fields[5].hasSuffix(":\(file.st_ino)"),
                let process = Int32(fields[4]), process > 0, process != getpid()
            else { return nil }
            return process
        }
    }

    private static func name(of process: Int32) -> String? {
        (try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
