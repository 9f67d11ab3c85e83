import FledgeCore
import Synchronization

/// A parameter of the request that a server refuses.
package struct RefusedParameter: Equatable {
    /// A parameter that may be left out, since the question stays the same without it.
    package enum Spare: String, Hashable, CaseIterable, Sendable {
        case temperature
        case topP = "top_p"
        case seed
        case logprobs
        /// Goes out as `max_completion_tokens` then, or the other way round.
        case maxTokens = "max_tokens"
    }

    /// As the request names it.
    let name: String
    let spare: Spare?

    init(name: String, spare: Spare?) {
        self.name = name
        self.spare = spare
    }

    /// All that a request may have in it, and the names that some servers have for the same.
    private static let names: [(said: String, name: String)] = [
        ("max_completion_tokens", "max_completion_tokens"), ("max_output_tokens", "max_tokens"),
        ("max_new_tokens", "max_tokens"), ("maxoutputtokens", "max_tokens"), ("maxtokens", "max_tokens"),
        ("max_tokens", "max_tokens"), ("temperature", "temperature"), ("top_p", "top_p"), ("topp", "top_p"),
        ("seed", "seed"), ("top_logprobs", "logprobs"), ("logprobs", "logprobs"), ("logprob", "logprobs"),
        ("response_format", "response_format"), ("json_schema", "response_format"),
        ("structured_outputs", "structured_outputs"), ("guided_choice", "guided_choice"),
        ("guided_json", "guided_choice"), ("grammar", "grammar"), ("stop_sequences", "stop"), ("stop", "stop"),
        ("cache_prompt", "cache_prompt"), ("id_slot", "id_slot"), ("lora", "lora"),
    ]

    /// Nil where the server speaks of no parameter.
    ///
    /// - Parameter said: the server's words in lower case.
    init?(words: ServerWords, said: String) {
        let field = words.parameter?.lowercased().split(whereSeparator: { !$0.isLetter && $0 != "_" }).map(String.init)
        let named = field?.lazy.compactMap { part in Self.names.first { $0.said == part }?.name }.first
        guard var name = named ?? Self.first(in: said) else { return nil }
        // Of the two that exclude each other the one goes that says less.
        if name == "temperature", said.contains("top_p"), said.contains("both") { name = "top_p" }
        self.name = name
        let isUnsupported =
            RefusalWordings.says(said, any: RefusalWordings.unsupported)
            && !RefusalWordings.says(said, any: RefusalWordings.badValue)
        switch name {
        // Whatever is wrong with them, the question stays the same without them.
        case "seed": spare = .seed
        case "logprobs": spare = .logprobs
        case "temperature": spare = isUnsupported ? .temperature : nil
        case "top_p": spare = isUnsupported ? .topP : nil
        case "max_tokens", "max_completion_tokens": spare = isUnsupported ? .maxTokens : nil
        default: spare = nil
        }
    }

    /// The first of the names that stands in the text as a word.
    private static func first(in said: String) -> String? {
        said.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.lazy
            .compactMap { word in names.first { $0.said == word && isTelling($0.said) }?.name }.first
    }

    /// `stop` and `grammar` are words of the language too.
    private static func isTelling(_ name: String) -> Bool { !["stop", "grammar", "lora"].contains(name) }
}

/// What a server has been found not to take, by the name of the model.
final class LeftOutParameters: Sendable {
    private let known = Mutex<[String: Set<RefusedParameter.Spare>]>([:])

    func all(for model: String) -> Set<RefusedParameter.Spare> { known.withLock { $0[model] ?? [] } }

    func add(_ parameter: RefusedParameter.Spare, for model: String) {
        known.withLock { _ = $0[model, default: []].insert(parameter) }
    }
}
