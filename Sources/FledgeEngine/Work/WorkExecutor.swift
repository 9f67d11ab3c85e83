import Dispatch

/// Where work is done: on threads of its own, so that what keeps a processor busy (a template of a megabyte, a pattern that
/// backtracks, thousands of answers to score) never keeps those from running that answer requests, renew leases and pass
/// cancellations on.
///
/// There are as many as processors: the system divides the processors between them and all other threads.
final class WorkExecutor: TaskExecutor {
    static let shared = WorkExecutor()

    private let queue = DispatchQueue(label: "fledge.work", qos: .utility, attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
