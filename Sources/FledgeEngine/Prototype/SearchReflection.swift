import FledgeCore
import FledgeDocument

/// The calls of a search that score nobody: a model reads failures and proposes instructions, and the best candidate
/// answers examples that may become demonstrations. Their answers are kept, so that none is paid for twice.
struct SearchReflection: Sendable {
    let round: Int
    let stage: PrototypeStage
    let stores: any ExperimentStore & SearchStore
    let models: ServerDirectory
    let caller: SearchCaller

    /// New instructions for parents off the Pareto front, and one out of two parents.
    func proposals(_ settings: ReflectionSearch, knowing: PromptSearch.Knowledge) async throws -> [Proposal] {
        let known = Dictionary(knowing.scored.map { ($0.candidate.id, $0.candidate) }) { first, _ in first }
        let pool = ParetoPool(knowing.scores.filter { known[$0.key] != nil })
        let ranked = PromptSearch.ranked(knowing.scored).map(\.candidate)
        let drawn = pool.parents(settings.proposals, seed: UInt64(truncatingIfNeeded: round)).compactMap { known[$0] }
        let parents = drawn.isEmpty ? Array(ranked.prefix(1)) : drawn
        guard !parents.isEmpty else { return [] }
        let model = try models.model(named: settings.model, in: stage.cycle.definition)
        let server = try await models.server(for: model, adapter: nil, of: stage.cycle.useCase)
        var wrong: [CandidateID: [Sample]] = [:]
        for parent in parents { wrong[parent.id] = try await wrongAnswers(of: parent) }
        var made: [Proposal] = []
        for number in 1...settings.proposals {
            let parent = parents[(number - 1) % parents.count]
            let question = Reflection.question(
                about: parent, purpose: stage.cycle.definition.purpose,
                failures: shown(of: wrong[parent.id] ?? [], number: number), number: number)
            let asked = try await ask(question, .reflect, number, model, server)
            if let text = asked.flatMap({ Reflection.instruction(in: $0, keeping: Reflection.fields(of: [parent])) }) {
                let child = PromptSearch.instructed(parent, text, "reflect", name: "\(round)r\(number)")
                made.append(Proposal(child, "reflect", from: [parent.id]))
            }
        }
        if parents.count > 1, parents[0].system != parents[1].system,
            let answer = try await ask(Reflection.merge(parents[0], parents[1]), .merge, 0, model, server),
            let text = Reflection.instruction(
                in: answer, keeping: Reflection.fields(of: Array(parents.prefix(2))))
        {
            let child = PromptSearch.instructed(parents[0], text, "merge", name: "\(round)x")
            made.append(Proposal(child, "merge", from: parents.prefix(2).map(\.id)))
        }
        return made
    }

    /// The best candidate's own answers to the demonstration pool, where they are right.
    func rightAnswers(knowing: PromptSearch.Knowledge) async throws -> [ExampleID: String] {
        guard let best = PromptSearch.ranked(knowing.scored).first?.candidate else { return [:] }
        let model = try models.model(named: best.model, in: stage.cycle.definition)
        let server = try await models.server(for: model, adapter: best.adapter, of: stage.cycle.useCase)
        let metric = stage.cycle.definition.primaryMetric
        let scorer = try await models.scorer(of: stage.cycle)
        var right: [ExampleID: String] = [:]
        // The demonstrations never include the example that is asked: that would give its answer away.
        let shown = Set(best.demonstrations.map(\.inputs))
        for example in stage.split.demonstrationPool where !shown.contains(example.inputs) {
            let request = CompletionRequest(asking: best, about: example)
            guard let answer = try await answer(request, .bootstrap, 0, model, server) else { break }
            let score = try scorer.score(metric, output: answer, expected: example.expected, choices: best.choices)
            if let score, score >= 1 { right[example.id] = answer }
        }
        return right
    }

    private func wrongAnswers(of parent: Candidate) async throws -> [Sample] {
        try await stage.measured(parent.id).map(\.sample)
            .filter { !$0.isUnreadInRace && ($0.scores["primary"] ?? 0) < 1 }
    }

    /// The failures that are shown, different ones for each proposal.
    private func shown(of wrong: [Sample], number: Int) -> [Reflection.Failure] {
        let examples = Dictionary(uniqueKeysWithValues: stage.split.scored.map { ($0.id, $0) })
        return wrong.sorted { draw($0.example, number) < draw($1.example, number) }
            .prefix(Reflection.failuresShown)
            .compactMap { sample in
                examples[sample.example].map {
                    Reflection.Failure(inputs: $0.inputs, expected: $0.expected, output: sample.output)
                }
            }
    }

    private func draw(_ example: ExampleID, _ number: Int) -> UInt64 {
        StableHash.hash(
            example.description, seed: UInt64(truncatingIfNeeded: round) << 8 | UInt64(truncatingIfNeeded: number))
    }

    private func ask(
        _ question: [ChatMessage], _ purpose: SearchCall.Purpose, _ number: Int, _ model: ModelDefinition,
        _ server: any ModelServer
    ) async throws -> String? {
        let request = CompletionRequest(
            model: model.name, adapter: nil, messages: question,
            decoding: DecodingDefinition(
                temperature: 0.7, maxTokens: Reflection.maximumTokens,
                seed: UInt64(truncatingIfNeeded: round) << 8 | UInt64(truncatingIfNeeded: number)),
            choices: nil)
        return try await answer(request, purpose, number, model, server)
    }

    /// The answer, out of the cache where it was given before; nil when the budget has no room for the call or the model
    /// can't be asked so much.
    private func answer(
        _ request: CompletionRequest, _ purpose: SearchCall.Purpose, _ number: Int, _ model: ModelDefinition,
        _ server: any ModelServer
    ) async throws -> String? {
        struct Key: Encodable {
            var request: CompletionRequest
            var revision: String
            var purpose: String
            var number: Int
        }
        let key = Key(
            request: request, revision: try await server.revision(of: model.name), purpose: purpose.rawValue,
            number: number)
        let digest = Digest(of: CanonicalJSON.text(of: key))
        if let known = try await stores.cachedAnswers(for: [digest])[digest] { return known.isWhole ? known.text : nil }
        let estimate = CallEstimate(
            messages: request.messages, maxTokens: request.decoding.maxTokens, price: model.price)
        guard try await caller.admitted([estimate]) > 0 else { return nil }
        let purse = models.treasury(of: stage.cycle).purse(for: 1, atOnce: 1)
        let completion: Completion
        do {
            completion = try await purse.pay(for: request, price: model.price) {
                try await server.complete(request, attempts: $0)
            }
        } catch {
            await purse.close()
            guard let known = error as? FledgeError, known.concernsOneQuestion else { throw error }
            return nil
        }
        var call = SearchCall(
            cycle: stage.cycle.id, round: round, purpose: purpose, model: model.name, request: digest,
            completion: completion, promptTokens: completion.promptTokens(of: request),
            completionTokens: completion.completionTokens(of: request),
            costMicroDollars: completion.cost(of: request, at: model.price))
        call.charges = purse.charges()
        do { try await stores.record(call) } catch {
            await purse.close()
            throw error
        }
        await purse.close()
        return completion.isWhole ? completion.text : nil
    }
}
