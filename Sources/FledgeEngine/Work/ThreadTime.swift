import FledgeCore
import Foundation

extension Pattern.Limit {
    /// The usual steps, and a second of the processor: time that other threads have had does not count.
    static let onThread = Pattern.Limit {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
