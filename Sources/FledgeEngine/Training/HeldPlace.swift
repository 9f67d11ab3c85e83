import FledgeCore

/// A training job's place at its executor, kept for as long as something is done there, however long that takes.
struct HeldPlace: Sendable {
    let store: any AllotmentStore
    let limit: ExecutorLimit
    /// The job's intent.
    let holder: String
    let lease: Duration
    let clock: any Clock<Duration>

    /// Runs `body` while the lease of the place, which the holder has, is renewed.
    func during<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await renew() }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    private func renew() async {
        var pause = lease / 3
        while true {
            do { try await clock.sleep(for: pause) } catch { return }
            do {
                try await keep()
                pause = lease / 3
            } catch {
                // An error says nothing about whose the place is: it is asked for again while the lease goes on.
                pause = lease / 12
            }
        }
    }

    /// It counts, whatever the limit has become: the job is there.
    func keep() async throws {
        _ = try await store.allot(
            limit.resource, to: holder, wanted: 1, inUse: 1, limit: limit.places, lease: lease)
    }
}
