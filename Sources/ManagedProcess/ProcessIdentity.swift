import Foundation
import Glibc

/// A process that can be found again after its parent was restarted: its number alone may have been given away since.
package struct ProcessIdentity: Codable, Hashable, Sendable {
    package let processID: Int32
    /// When it started, in clock ticks since the machine did (field 22 of `/proc/PID/stat`).
    package let startTicks: UInt64
    /// The identity of the machine's current boot, with which the ticks start again.
    package let bootID: String

    /// The identity of a process that runs now, or nil when there is none.
    package init?(processID: Int32) {
        guard let stat = Self.stat(processID),
            let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        else { return nil }
        self.processID = processID
        startTicks = stat.startTicks
        bootID = boot.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Whether this very process still runs; a zombie does not.
    package var isRunning: Bool {
        guard let now = ProcessIdentity(processID: processID), now == self else { return false }
        return Self.stat(processID)?.state != "Z"
    }

    /// Sends a signal to the process and its group; false when it is gone.
    @discardableResult
    package func signal(_ signal: Int32) -> Bool {
        guard isRunning else { return false }
        return kill(-processID, signal) == 0 || kill(processID, signal) == 0
    }

    private static func stat(_ processID: Int32) -> (state: Substring, startTicks: UInt64)? {
        guard let text = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8),
            // The program's name stands in parentheses and may hold spaces and parentheses itself.
            let nameEnd = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 19, let ticks = UInt64(fields[19]) else { return nil }
        return (fields[0], ticks)
    }
}
