import FledgeCore
import FledgeDocument

/// A model server whose calls are counted, timed, priced and traced.
struct MeasuredModelServer: ModelServer {
    private let server: any ModelServer
    private let model: ModelDefinition
    private let name: String

    init(_ server: any ModelServer, model: ModelDefinition) {
        self.server = server
        self.model = model
        name = model.serverName
    }

    func complete(_ request: CompletionRequest, attempts: CallAttempts) async throws -> Completion {
        let start = ContinuousClock.now
        do {
            let completion = try await EngineTracing.call(request, server: name, isLocal: model.endpoint.isLocal) {
                try await server.complete(request, attempts: attempts)
            }
            EngineMetrics.called(name, outcome: "ok", after: start.duration(to: .now))
            EngineMetrics.answered(
                name, completion,
                costMicroDollars: model.cost(
                    promptTokens: completion.promptTokens ?? 0, completionTokens: completion.completionTokens ?? 0))
            return completion
        } catch {
            EngineMetrics.called(name, outcome: Self.outcome(of: error), after: start.duration(to: .now))
            throw error
        }
    }

    private static func outcome(of error: any Error) -> String {
        (error as? FledgeError)?.code.rawValue ?? (error is CancellationError ? "cancelled" : "failed")
    }

    func score(_ request: ScoringRequest) async throws -> AnswerScore {
        let start = ContinuousClock.now
        do {
            let score = try await server.score(request)
            if case .tokens = score { EngineMetrics.called(name, outcome: "ok", after: start.duration(to: .now)) }
            return score
        } catch {
            EngineMetrics.called(name, outcome: Self.outcome(of: error), after: start.duration(to: .now))
            throw error
        }
    }

    func revision(of model: String) async throws -> String { try await server.revision(of: model) }

    var concurrency: Int { get async { await server.concurrency } }
}

extension ModelDefinition {
    /// The server's host and port, which many use cases share; never a path, a user or a key.
    fileprivate var serverName: String {
        guard let url = endpoint.url else { return "local" }
        let authority = (url.split(separator: "://", maxSplits: 1).last ?? "").prefix { !"/?#".contains($0) }
        return String(authority.split(separator: "@").last ?? "unknown").lowercased()
    }
}
