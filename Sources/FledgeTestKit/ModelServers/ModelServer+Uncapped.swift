import FledgeEngine

extension ModelServer {
    /// A call under no cap: its attempts are nobody's concern. For tests and benchmarks; what Fledge asks goes through a purse.
    package func complete(_ request: CompletionRequest) async throws -> Completion {
        try await complete(request, attempts: CallAttempts())
    }
}
