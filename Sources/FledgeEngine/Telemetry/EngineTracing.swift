import FledgeCore
import FledgeDocument
import Tracing

/// Spans around what the engine does, through swift-distributed-tracing. Where no tracer is set up they cost next to nothing.
///
/// Source of the names: OpenTelemetry's semantic conventions for generative AI and for errors. A span holds numbers, codes
/// and names; never a prompt, an answer or an error's text.
enum EngineTracing {
    static func work<Value>(_ item: WorkItem, _ body: () async -> Value) async -> Value {
        await withSpan("work \(item.kind.rawValue)", ofKind: .consumer) { span in
            if span.isRecording {
                span.updateAttributes { attributes in
                    attributes["fledge.work.kind"] = item.kind.rawValue
                    attributes["fledge.work.id"] = "\(item.lease.item)"
                    attributes["fledge.work.attempt"] = item.attempt
                    if let cycle = item.cycle { attributes["fledge.cycle.id"] = "\(cycle)" }
                }
            }
            return await body()
        }
    }

    static func experiment<Value>(
        _ id: ExperimentID, model: String, calls: Int, _ body: () async throws -> Value
    ) async throws -> Value {
        try await measured("experiment", .internal) { attributes in
            attributes["fledge.experiment.id"] = "\(id)"
            attributes["fledge.experiment.calls"] = calls
            attributes["gen_ai.request.model"] = model
        } body: { _ in
            try await body()
        }
    }

    static func training<Value>(
        _ job: TrainingJob, executor: String, _ body: () async throws -> Value
    ) async throws -> Value {
        try await measured("training", .client) { attributes in
            attributes["fledge.training.executor"] = executor
            attributes["fledge.training.attempt"] = job.attempt
            attributes["fledge.cycle.id"] = "\(job.cycle)"
        } body: { _ in
            try await body()
        }
    }

    static func transition<Value>(
        _ event: CycleEvent, of cycle: CycleID, _ body: () async throws -> Value
    ) async throws -> Value {
        try await measured("transition \(event.kind.rawValue)", .internal) { attributes in
            attributes["fledge.event"] = event.kind.rawValue
            attributes["fledge.cycle.id"] = "\(cycle)"
        } body: { _ in
            try await body()
        }
    }

    static func call(
        _ request: CompletionRequest, server: String, isLocal: Bool, _ body: () async throws -> Completion
    ) async throws -> Completion {
        try await measured("chat \(request.model)", .client) { attributes in
            attributes["gen_ai.operation.name"] = "chat"
            attributes["gen_ai.provider.name"] = isLocal ? "llama.cpp" : "openai"
            attributes["gen_ai.request.model"] = request.model
            attributes["gen_ai.request.temperature"] = request.decoding.temperature
            attributes["gen_ai.request.max_tokens"] = request.decoding.maxTokens
            attributes["server.address"] = server
            if let adapter = request.adapter { attributes["fledge.adapter"] = adapter.rawValue }
        } body: { span in
            let completion = try await body()
            if span.isRecording {
                span.updateAttributes { attributes in
                    attributes["gen_ai.response.finish_reasons"] = [completion.finishReason]
                    if let tokens = completion.promptTokens { attributes["gen_ai.usage.input_tokens"] = tokens }
                    if let tokens = completion.completionTokens { attributes["gen_ai.usage.output_tokens"] = tokens }
                    attributes["gen_ai.usage.cache_read.input_tokens"] = completion.cachedTokens
                }
            }
            return completion
        }
    }

    /// A span that says with an error's code that it failed.
    private static func measured<Value>(
        _ name: String, _ kind: SpanKind, _ attributes: (inout SpanAttributes) -> Void,
        body: (any Span) async throws -> Value
    ) async throws -> Value {
        try await withSpan(name, ofKind: kind) { span in
            if span.isRecording { span.updateAttributes(attributes) }
            do {
                return try await body(span)
            } catch {
                if span.isRecording {
                    span.attributes["error.type"] = (error as? FledgeError)?.code.rawValue ?? "\(type(of: error))"
                    span.setStatus(SpanStatus(code: .error))
                }
                throw error
            }
        }
    }
}
