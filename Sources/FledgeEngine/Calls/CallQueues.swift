import FledgeCore
import FledgeDocument
import Logging
import ServiceLifecycle
import Synchronization

/// The queues of all model servers that this daemon asks, and the places that it has there among all daemons.
///
/// The local server has none: every daemon has its own, which keeps questions with the same beginning together.
package final class CallQueues: Service {
    private let store: any AllotmentStore
    private let holder: String
    private let lease: Duration
    private let logger: Logger
    private let queues = Mutex<[String: CallQueue]>([:])
    private let wakes = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// - Parameter holder: the daemon's name, unique for each start.
    package init(store: any AllotmentStore, holder: String, lease: Duration = .seconds(15), logger: Logger) {
        self.store = store
        self.holder = holder
        self.lease = lease
        self.logger = logger
    }

    /// The server behind its queue, for one use case.
    func queued(_ server: any ModelServer, _ model: ModelDefinition, for useCase: UseCaseID) async -> any ModelServer {
        guard let resource = Self.resource(of: model) else { return server }
        let continuation = wakes.continuation
        let queue = queues.withLock { queues in
            if let queue = queues[resource] { return queue }
            let queue = CallQueue { continuation.yield() }
            queues[resource] = queue
            return queue
        }
        queue.set(bears: await server.concurrency, limit: model.callsAtOnce, for: useCase)
        return QueuedModelServer(server: server, queue: queue, useCase: useCase)
    }

    /// Asks for places once in a while, and at once when a call waits and there is none.
    package func run() async throws {
        await cancelWhenGracefulShutdown { await self.loop() }
        // Unstructured, because this task is being cancelled; the lease would do the same, later.
        await Task { await giveUp() }.value
    }

    private func loop() async {
        await withTaskGroup(of: Void.self) { group in
            let continuation = wakes.continuation
            // Often, because what others want is seen at no other time.
            let pause = min(.seconds(1), lease / 4)
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: pause * Double.random(in: 0.8...1.2))
                    continuation.yield()
                }
            }
            for await _ in wakes.stream {
                if Task.isCancelled { break }
                for (resource, queue) in queues.withLock({ $0 }) { await ask(resource, queue) }
            }
            group.cancelAll()
        }
    }

    /// Also for tests, which have no need to wait.
    package func ask(_ resource: String, _ queue: CallQueue) async {
        let demand = queue.demand
        // Who has no places and wants none is not asked for: an idle daemon leaves the database alone.
        guard let limit = demand.limit, demand.wanted > 0 || demand.hasPlaces else { return }
        // From before the question: the database's lease begins later than this one.
        let until = ContinuousClock.now + lease
        do {
            let places = try await store.allot(
                resource, to: holder, wanted: demand.wanted, inUse: demand.inUse, limit: limit, lease: lease)
            queue.set(places: places, until: until)
        } catch {
            if !Task.isCancelled {
                logger.warning("cannot ask for places", metadata: ["resource": "\(resource)", "error": "\(error)"])
            }
        }
    }

    private func giveUp() async {
        for (resource, queue) in queues.withLock({ $0 }) where queue.demand.limit != nil {
            try? await store.giveUp(resource, of: holder)
        }
    }

    /// Never with a user, a password or a key's value.
    static func resource(of model: ModelDefinition) -> String? {
        guard let url = model.endpoint.url else { return nil }
        struct Place: Encodable {
            var url: String
            var key: SecretReference?
            /// Azure limits each deployment by itself.
            var deployment: String?
        }
        var place = Place(url: url, key: model.endpoint.key)
        if case .azureOpenAI(_, let deployment, _, _) = model.endpoint { place.deployment = deployment }
        let authority = (url.split(separator: "://", maxSplits: 1).last ?? "").prefix { !"/?#".contains($0) }
        let host = authority.split(separator: "@").last ?? ""
        return "model-server:\(host)#\(Digest(of: CanonicalJSON.text(of: place)).short)"
    }
}
