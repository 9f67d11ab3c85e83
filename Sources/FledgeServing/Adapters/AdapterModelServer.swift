import FledgeCore
import FledgeEngine

/// A server of chat completions that loads adapters while it runs.
package struct AdapterModelServer: ModelServer {
    /// The base, as the server calls it.
    let model: String
    let server: OpenAIModelServer
    let delivery: any AdapterDelivery

    package func complete(_ request: CompletionRequest) async throws -> Completion {
        // The zeros answer for the base alone, whatever else is asked for.
        guard request.model == model else { throw ModelFailure.unknown(request.model) }
        let route = try await delivery.begin(request.adapter)
        do {
            let completion = try await server.complete(request, by: route)
            await delivery.end(route)
            return completion
        } catch {
            await delivery.end(route)
            // A server that was started anew knows the model alone.
            guard (error as? FledgeError)?.code == "model.unknown", let next = try await delivery.renew(route) else {
                throw error
            }
            do {
                let completion = try await server.complete(request, by: next)
                await delivery.end(next)
                return completion
            } catch {
                await delivery.end(next)
                throw error
            }
        }
    }

    package func revision(of model: String) async throws -> String { try await server.revision(of: model) }

    package var concurrency: Int { get async { delivery.mixes ? await server.concurrency : 1 } }
}
