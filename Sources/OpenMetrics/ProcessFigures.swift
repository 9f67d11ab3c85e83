import Glibc

/// What the kernel says of this process, under the names that every process's metrics have.
package enum ProcessFigures {
    /// - Parameter startedAt: seconds since 1970.
    package static func families(startedAt: Double) -> [MetricFamily] {
        var families = [
            MetricFamily.gauge(
                "process_start_time_seconds", unit: "seconds", "When the process started, in seconds since 1970.",
                [MetricSample(startedAt)])
        ]
        var usage = rusage()
        if getrusage(RUSAGE_SELF.rawValue, &usage) == 0 {
            func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
            families.append(
                MetricFamily(
                    MetricDescription(
                        "process_cpu_seconds", .counter, unit: "seconds", "CPU time of the process, user and system."),
                    [MetricSample("_total", [], seconds(usage.ru_utime) + seconds(usage.ru_stime))]))
        }
        if let pages = residentPages() {
            families.append(
                .gauge(
                    "process_resident_memory_bytes", unit: "bytes", "Memory of the process that is resident.",
                    [MetricSample(Double(pages) * Double(sysconf(Int32(_SC_PAGESIZE))))]))
        }
        if let count = openFiles() {
            families.append(
                .gauge("process_open_fds", "Files and sockets that are open.", [MetricSample(Double(count))]))
        }
        return families
    }

    /// The second number of `statm`.
    private static func residentPages() -> Int? {
        guard let file = fopen("/proc/self/statm", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 256)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }

    private static func openFiles() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        // The folder's own descriptor, and the two entries that every folder has, are not counted.
        var count = -3
        while readdir(folder) != nil { count += 1 }
        return count
    }
}
