import FledgeCore
import FledgeEngine

extension PostgresStores: WorkQueue {
    package func claim(limit: Int, worker: String, lease: Duration, isIdle: Bool) async throws -> [WorkItem] {
        try await work.claim(limit: limit, worker: worker, lease: lease, isIdle: isIdle)
    }

    package func hasToFreeItself(worker: String) async throws -> Bool { try await work.hasToFreeItself(worker: worker) }

    package func renew(_ lease: WorkLease, for duration: Duration, isProven: Bool) async throws -> Bool {
        try await work.renew(lease, for: duration, isProven: isProven)
    }

    package func finish(_ lease: WorkLease) async throws { try await work.finish(lease) }

    package func bury(_ lease: WorkLease, because error: FledgeError) async throws {
        try await work.bury(lease, because: error)
    }

    package func release(
        _ lease: WorkLease, after delay: Duration, countsAsAttempt: Bool, error: FledgeError?
    ) async throws {
        try await work.release(lease, after: delay, countsAsAttempt: countsAsAttempt, error: error)
    }

    package func hints() async -> AsyncStream<Void> { await work.hints() }

    package func beat(worker: String, host: String, processID: Int32) async throws {
        try await work.beat(worker: worker, host: host, processID: processID)
    }

    package func enqueue(report: ReportRequest) async throws { try await work.enqueue(report: report) }

    package func depth() async throws -> (due: Int, leased: Int, dead: Int) { try await work.depth() }

    package func work(in states: Set<WorkState>, useCase: String?, limit: Int) async throws -> [WorkView] {
        try await work.work(in: states, useCase: useCase, limit: limit)
    }

    package func work(_ id: WorkItemID) async throws -> (view: WorkView, cycle: CycleID?)? { try await work.work(id) }

    package func revive(_ id: WorkItemID) async throws -> Bool { try await work.revive(id) }
}
