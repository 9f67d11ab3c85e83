/// A place where one task waits until it is cancelled, while another waits for it to arrive.
struct Hold: Sendable {
    private let arrivals = AsyncStream<Void>.makeStream()
    private let never = AsyncStream<Never>.makeStream()

    func untilCancelled() async throws -> Never {
        arrivals.continuation.yield()
        for await _ in never.stream {}
        throw CancellationError()
    }

    func isHeld() async {
        for await _ in arrivals.stream { return }
    }
}
