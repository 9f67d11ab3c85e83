import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServing
import FledgeTestKit
import Foundation

/// What is tried at a model server.
struct PartTrial: Sendable {
    struct Check: Sendable {
        var name: String
        /// Returns what is worth showing of it; throws where it does not hold.
        var run: @Sendable () async throws -> String?
    }

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    let catalog: ServingCatalog
    let model: ModelDefinition
    let planted: PlantedAdapters
    /// Whether the server scores answers that it is given.
    let scoresAnswers: Bool

    private func ask(
        _ text: String, adapter: ServedAdapter? = nil, maximumTokens: Int = 8, choices: [String]? = nil,
        model other: String? = nil
    ) async throws -> Completion {
        let server = try await catalog.server(for: model, adapters: adapter.map { [$0] } ?? [])
        return try await server.complete(
            CompletionRequest(
                model: other ?? model.name, adapter: adapter?.digest,
                messages: [ChatMessage(role: .user, content: text)],
                decoding: DecodingDefinition(maxTokens: maximumTokens, seed: 1), choices: choices))
    }

    private static func require(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws {
        if !holds { throw Broken(description: otherwise()) }
    }

    /// - Returns: the refusal's code.
    private static func refusal(_ body: () async throws -> Completion) async throws -> String {
        do {
            let text = try await body().text
            throw Broken(description: "it answered \(text.prefix(40))")
        } catch let error as FledgeError { return error.code.rawValue }
    }

    // MARK: Model servers

    func ofModelServers(holdsToChoices: Bool) -> [Check] {
        var checks = [
            Check(name: "a question is answered, with the tokens that it took") {
                let answer = try await ask("Name a colour.")
                try Self.require(!answer.text.isEmpty, "no text")
                try Self.require(answer.promptTokens != nil && answer.completionTokens != nil, "no usage")
                return nil
            },
            Check(name: "the same question has the same answer") {
                let texts = [try await ask("Name an animal.").text, try await ask("Name an animal.").text]
                try Self.require(texts[0] == texts[1], "\(texts)")
                return nil
            },
            Check(name: "an answer that is cut off says so") {
                let answer = try await ask("Tell a long story of a boat.", maximumTokens: 4)
                try Self.require(answer.shortfall == .cutOff, "\(answer.finishReason)")
                return nil
            },
            Check(name: "a prompt that is too long has no answer, and the others do") {
                let code = try await Self.refusal { try await ask(String(repeating: "one two three ", count: 9000)) }
                try Self.require(["model.context_overflow", "model.request_too_large"].contains(code), code)
                _ = try await ask("Name a colour.")
                return nil
            },
            Check(name: "a model that is not there is unknown") {
                let code = try await Self.refusal { try await ask("Hello", model: "no-such-model") }
                try Self.require(code == "model.unknown", code)
                return nil
            },
        ]
        if holdsToChoices {
            checks.append(
                Check(name: "an answer is held to the choices") {
                    let choices = ["alder", "birch", "cedar"]
                    let text = try await ask("Name a tree.", maximumTokens: 16, choices: choices).text
                    try Self.require(choices.contains(text), text)
                    return nil
                })
        } else {
            // mlx-lm reads no response_format, and answers any question that is shorter than the machine's memory.
            checks.removeAll { $0.name.hasPrefix("a prompt that is too long") }
        }
        return checks
    }

    // MARK: Adapters

    var ofAdapters: [Check] {
        [
            Check(name: "the right adapter passes the golden check") {
                let check = try await check(planted.right)
                let problem = check.problem(of: TrainingJobID(1))
                try Self.require(problem == nil, "\(Self.figures(check)): \(problem?.message ?? "")")
                try Self.require(
                    (check.likelihood?.figures != nil) == scoresAnswers,
                    check.likelihood?.unknown ?? "\(Self.figures(check)): this server is not known to score answers")
                return Self.figures(check)
            },
            Check(name: "an adapter that is loaded is shown") {
                let status = await catalog.statuses(of: [model])
                try Self.require(status.first?.adapters.contains(planted.right.digest) == true, "\(status)")
                return nil
            },
            Check(name: "an adapter that was never delivered is unknown") {
                let server = try await catalog.server(for: model, adapters: [])
                let code = try await Self.refusal {
                    try await server.complete(
                        CompletionRequest(
                            model: model.name, adapter: Digest(of: "none"), messages: [], decoding: .init(),
                            choices: nil))
                }
                try Self.require(code == "model.unknown_adapter", code)
                return nil
            },
        ]
            + planted.wrong.map { wrong in
                Check(name: "the planted adapter \(wrong.name) is refused") {
                    let check = try await check(wrong.adapter)
                    try Self.require(check.problem(of: TrainingJobID(1)) != nil, Self.figures(check))
                    // Whatever the texts show, the log-probabilities alone are enough.
                    let isFound = check.likelihood?.figures.map { $0.difference > $0.bar }
                    try Self.require(isFound == (scoresAnswers ? true : nil), Self.figures(check))
                    return Self.figures(check)
                }
            }
    }

    private func check(_ adapter: ServedAdapter) async throws -> GoldenCheck {
        let server = try await catalog.server(for: model, adapters: [adapter])
        return try await planted.check(adapter, of: model.name, at: server)
    }

    private static func figures(_ check: GoldenCheck) -> String {
        func share(_ text: TextAgreement?) -> String { text.map { "\($0.agreeing) of \($0.words)" } ?? "none" }
        let mixed =
            check.mixed.map { ", mixed \($0.agreeing) of \($0.calls), alone \($0.agreeingAlone ?? $0.calls)" } ?? ""
        return
            "text \(share(check.text)), base \(share(check.baseText)), whole \(check.agreeing) of \(check.prompts), changed "
            + "\(check.changedInBoth ?? -1) of \(check.changedByTraining ?? -1)\(mixed), \(tokens(check.likelihood))"
    }

    private static func tokens(_ likelihood: GoldenLikelihood?) -> String {
        guard let figures = likelihood?.figures else { return "not scored: \(likelihood?.unknown ?? "not asked")" }
        let text = LikelihoodFigures.text
        return
            "\(figures.tokens) tokens \(text(figures.difference)) apart, bar \(text(figures.bar)), from the base "
            + "\(text(figures.differenceFromBase)), trained \(text(figures.trained)), served \(text(figures.served)), base "
            + "\(text(figures.base)), the base's \(figures.baseTokens) tokens \(text(figures.baseDifference)) apart, rate "
            + text(figures.baseRate)
    }

    // MARK: The last slot

    /// vLLM with as many adapters as it has slots.
    func ofSlots(url: String) -> [Check] {
        [
            Check(name: "a server that was started anew, or has lost an adapter, gets it again") {
                _ = try await ask("Name a colour.", adapter: planted.right)
                try await Self.post(url, "unload_lora_adapter", ["lora_name": planted.right.digest.rawValue])
                _ = try await ask("Name a colour.", adapter: planted.right)
                return nil
            },
            Check(name: "with every slot taken, a base that is asked by its name beside an adapter is found out") {
                let raw = OpenAIModelServer(base: url, key: nil, http: CurlClient())
                for wrong in planted.wrong { _ = try await check(wrong.adapter) }
                let folder = model.endpoint.adapterFolder ?? ""
                for adapter in [planted.right] + planted.wrong.map(\.adapter) {
                    // Loaded behind the back of the delivery, which keeps a slot spare.
                    try await Self.post(
                        url, "load_lora_adapter",
                        ["lora_name": adapter.digest.rawValue, "lora_path": "\(folder)/\(adapter.digest)"])
                    _ = try await raw.complete(
                        CompletionRequest(
                            model: model.name, adapter: adapter.digest,
                            messages: [ChatMessage(role: .user, content: "Hello")],
                            decoding: DecodingDefinition(maxTokens: 2), choices: nil))
                }
                let check = try await planted.check(planted.right, of: model.name, at: raw)
                try Self.require(check.mixed?.isDisturbed == true, Self.figures(check))
                return Self.figures(check)
            },
            Check(name: "with every slot taken, a base that is asked as zeros stays itself") {
                let check = try await check(planted.right)
                try Self.require(check.mixed?.isDisturbed == false, Self.figures(check))
                return Self.figures(check)
            },
        ]
    }

    /// A refusal (loaded already, not loaded) is no concern here.
    private static func post(_ url: String, _ route: String, _ body: [String: String]) async throws {
        _ = try await CurlClient().execute(
            HTTPRequest(
                "POST", "\(url)/\(route)", headers: ["Content-Type": "application/json"],
                body: Array(try JSONEncoder().encode(body))))
    }
}

extension ModelEndpoint {
    fileprivate var adapterFolder: String? {
        if case .adapterServer(_, _, _, let folder?) = self { folder.asSeenByServer ?? folder.path } else { nil }
    }
}
