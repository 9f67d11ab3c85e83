/// Asks until the answer is yes; false when it is still no after the limit.
///
/// For what another process does in its own time. What this process does is awaited instead. The limit guards against
/// hanging alone: on a busy machine each step takes minutes.
nonisolated(nonsending) package func eventually(
    within limit: Duration = .seconds(300), every pause: Duration = .milliseconds(10),
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        do { try await Task.sleep(for: pause) } catch { return false }
    }
    return try await condition()
}
