import Foundation

/// Places for requests that may compute for minutes: half as many as there are processors, so that however many ask, work and
/// requests that compute for a moment find a thread of `WorkExecutor`. Whoever finds no place waits for one, in order.
final class ComputingPlaces: Sendable {
    static let shared = ComputingPlaces(max(1, ProcessInfo.processInfo.activeProcessorCount / 2))

    /// With how many places are free: none, while anybody waits.
    private let line: WaitingLine<Int, Void, Void>

    init(_ count: Int) {
        line = WaitingLine(count)
    }

    /// How many wait for a place.
    var waiting: Int { line.withLock { _, line in line.count } }

    /// - Throws: what the body throws; `CancellationError`, also while it waits.
    func run<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await take()
        defer { give() }
        return try await LongComputation.among(body)
    }

    private func take() async throws {
        try await line.wait { free, _, _ in
            guard free > 0 else { return .waits(()) }
            free -= 1
            return .granted(())
        }
    }

    private func give() {
        line.withLock { free, line in
            if let next = line.first(), line.admit(next.id, ()) { return }
            free += 1
        }
    }
}
