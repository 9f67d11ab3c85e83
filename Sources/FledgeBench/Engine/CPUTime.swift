import Foundation
import Glibc

/// Processor time, user and system together, in seconds.
enum CPUTime {
    /// All threads of this process.
    static var own: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// All children of this process that have ended, with theirs.
    static var reapedChildren: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// 0 for a process that is gone.
    ///
    /// - Parameter reaped: also that of its children which have ended.
    static func ofProcess(_ pid: Int32, reaped: Bool) -> Double {
        guard let fields = statistics(of: pid) else { return 0 }
        let ticks = fields[11...(reaped ? 14 : 12)].reduce(0) { $0 + (Double($1) ?? 0) }
        return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    static func children(of pid: Int32) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { statistics(of: $0)?[1] == "\(pid)" }
    }

    /// The fields of `/proc/PID/stat` behind the program's name, from the state on.
    private static func statistics(of pid: Int32) -> [Substring]? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 14 ? fields : nil
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
