import FledgeCore
import FledgeEngine

/// A server of chat completions that loads adapters while it runs.
package struct AdapterModelServer: ModelServer {
    /// The name by which the server knows the base model.
    let model: String
    let server: OpenAIModelServer
    let delivery: any AdapterDelivery

    package func complete(_ request: CompletionRequest, attempts: CallAttempts) async throws -> Completion {
        try await ask(request.model, request.adapter) { try await server.complete(request, by: $0, attempts: attempts) }
    }

    package func score(_ request: ScoringRequest) async throws -> AnswerScore {
        try await ask(request.model, request.adapter) { try await server.score(request, by: $0) }
    }

    private func ask<Answer: Sendable>(
        _ asked: String, _ adapter: AdapterDigest?, _ call: (AdapterRoute) async throws -> Answer
    ) async throws -> Answer {
        // Any other name than the base's is refused here: where the base is asked as an adapter of zeros, the server
        // gets that adapter's name and never sees this one.
        guard asked == model else { throw ModelFailure.unknown(asked) }
        let route = try await delivery.begin(adapter)
        do {
            let answer = try await call(route)
            await delivery.end(route)
            return answer
        } catch {
            await delivery.end(route)
            // A server that was restarted has the base model and no adapter.
            guard (error as? FledgeError)?.code == .modelUnknown, let next = try await delivery.renew(route) else {
                throw error
            }
            do {
                let answer = try await call(next)
                await delivery.end(next)
                return answer
            } catch {
                await delivery.end(next)
                throw error
            }
        }
    }

    package func revision(of model: String) async throws -> String { try await server.revision(of: model) }

    package var concurrency: Int { get async { delivery.mixes ? await server.concurrency : 1 } }
}
