import FledgeCore
import Logging
import ServiceLifecycle

/// Writes down outside the database how far the evidence has come, every few seconds: what is cut off within that time is not
/// noticed by its length.
package struct AuditAnchorService: Service {
    private let store: any AuditStore
    private let anchor: AuditAnchor
    /// Sends the heads to a receiver elsewhere; nil where there is none.
    private let notices: AuditNotices?
    private let interval: Duration
    private let logger: Logger

    package init(
        store: any AuditStore, anchor: AuditAnchor, notices: AuditNotices? = nil, interval: Duration = .seconds(5),
        logger: Logger
    ) {
        self.store = store
        self.anchor = anchor
        self.notices = notices
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                if let notices { group.addTask { await notices.run() } }
                group.addTask {
                    while !Task.isCancelled {
                        await look()
                        try? await Task.sleep(for: interval)
                    }
                }
            }
        }
        // One more look at what came since the last one: it may take a while until another daemon looks.
        await look()
        await notices?.drain(within: .seconds(5))
    }

    private func look() async {
        do { try await anchor.look(in: store) } catch {
            if !Task.isCancelled {
                logger.warning("the heads of the evidence were not written down", metadata: ["error": "\(error)"])
            }
        }
    }
}
