import FledgeCore
import FledgeDocument
import Logging

/// Tells people, in the log, that a cycle needs them or has arrived.
package struct NotificationHandler: WorkHandler {
    private let stores: any CycleStore
    private let logger: Logger

    package init(stores: any CycleStore, logger: Logger) {
        self.stores = stores
        self.logger = logger
    }

    package func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard case .notify(let what)? = item.action, let id = item.cycle else { return .finished }
        let cycle = try await stores.cycle(id)
        logger.notice(
            "use case needs attention or has arrived",
            metadata: [
                "use_case": "\(cycle.definition.name)", "what": "\(what)", "stage": "\(cycle.state.stage.rawValue)",
                "block": "\(cycle.state.block?.code ?? "none")",
            ])
        return .finished
    }
}
