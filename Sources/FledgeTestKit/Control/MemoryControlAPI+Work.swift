import FledgeCore
import FledgeEngine
import Synchronization

extension MemoryControlAPI {
    package func work(in states: [WorkState], name: String?, limit: Int) async throws -> [WorkView] {
        commands.withLock { $0.append("work \(states.map(\.rawValue)) \(name ?? "–") \(limit)") }
        return [Fixtures.deadWork]
    }

    package func retryWork(_ id: WorkItemID, actor: String) async throws -> WorkView {
        guard id == Fixtures.deadWork.id else {
            throw FledgeError("work.unknown", "there is no work item \(id)", exitCode: .usage)
        }
        var view = Fixtures.deadWork
        view.state = .queued
        return view
    }
}

extension Fixtures {
    package static let deadWork = WorkView(
        id: WorkItemID(7), kind: "write-report", state: .dead, useCase: nil, cycle: nil, priority: 0, attempts: 5,
        maximumAttempts: 5, errorCode: "report.cannot_write", errorMessage: "disk full", worker: nil, createdAt: date,
        runAt: date, finishedAt: date)
}
