import FledgeCore
import FledgeDocument

/// Asks a judge about answers, once each, and writes what it says.
struct JudgeRunner: Sendable {
    let store: any JudgeStore & ExperimentStore
    let judge: JudgeDefinition
    let model: ModelDefinition
    /// The cycle that pays.
    let cycle: CycleID
    /// Whether candidates are ranked by this judge.
    let isPrimary: Bool
    let treasury: Treasury
    /// Asked only when there is something to judge: a local server takes a second to start.
    let server: @Sendable (ModelDefinition) async throws -> any ModelServer

    var metric: String { MetricDefinition.judged(judge).name }

    /// Judges every first answer of an experiment that has no score of this metric yet.
    ///
    /// Where the judge's reply can't be read, the answer stays without a score, and is marked so that the judge is not
    /// asked about it again in this run. Samples are scored as ratings come. After a crash the ratings that are there
    /// are taken as they are; what is paid twice is at most what was in flight.
    func run(_ experiment: ExperimentID) async throws {
        let open = try await store.unjudged(in: experiment, metric: metric)
        if open.isEmpty { return }
        let samples = Dictionary(grouping: open, by: \.item.id)
        try await verdicts(on: open.map(\.item)) { item, verdict in
            let scores = (samples[item] ?? []).map {
                JudgedScore(candidate: $0.candidate, example: $0.example, score: verdict.score)
            }
            try await store.write(scores, metric: metric, isPrimary: isPrimary, experiment: experiment)
        }
    }

    /// The ratings of items; those that are known are not asked for again.
    func verdicts(on items: [JudgedItem]) async throws -> [Digest: JudgeRating] {
        try await verdicts(on: items) { _, _ in }
    }

    /// How often writing a rating is tried.
    private static let writes = 3
    private static let callsOfACharge = 8

    /// What identifies this judge as it stands now.
    func identity() async throws -> Digest {
        judge.identity(revision: try await server(model).revision(of: model.name))
    }

    @discardableResult
    private func verdicts(
        on items: [JudgedItem], each: @escaping @Sendable (Digest, JudgeRating) async throws -> Void
    ) async throws -> [Digest: JudgeRating] {
        let byID = Dictionary(items.map { ($0.id, $0) }) { first, _ in first }
        let server = try await server(model)
        let revision = try await server.revision(of: model.name)
        let identity = judge.identity(revision: revision)
        var verdicts = try await store.verdicts(of: identity, on: byID.keys.sorted { $0.rawValue < $1.rawValue })
        for (item, verdict) in verdicts { try await each(item, verdict) }
        // The items are asked about in the order given, in which they were answered: the judge's server has their
        // inputs in its cache.
        var seen = Set(verdicts.keys)
        var unread: [JudgedAnswer] = []
        var problems: [JudgeReply.Problem] = []
        var next = items.map { ($0.id, $0) }.filter { seen.insert($0.0).inserted }.makeIterator()
        let concurrency = max(1, await server.concurrency)
        let purse = treasury.purse(
            for: (items.count - verdicts.count) * JudgePrompt.orders(for: judge).count, atOnce: concurrency)
        do {
            try await withThrowingTaskGroup(of: Judged.self) { group in
                func judgeNext() {
                    guard let (id, item) = next.next() else { return }
                    group.addTask {
                        let judged = try await verdict(
                            on: item, id: id, by: identity, revision: revision, server, paidFrom: purse)
                        if judged.problem == nil { try await each(id, judged.answer.verdict) }
                        return judged
                    }
                }
                for _ in 0..<concurrency { judgeNext() }
                while let judged = try await group.next() {
                    verdicts[judged.answer.item] = judged.answer.verdict
                    if let problem = judged.problem {
                        unread.append(judged.answer)
                        problems.append(problem)
                    }
                    judgeNext()
                }
            }
        } catch {
            await purse.close()
            try? await recordLost(unread)
            throw error
        }
        await purse.close()
        if unread.isEmpty { return verdicts }
        // They are no ratings, and not kept as such: the judge is asked again when the work is.
        try await recordLost(unread)
        if let refusal = JudgeReadings(judge: judge, verdicts: verdicts.values).refusal(of: judge, problems: problems) {
            throw refusal
        }
        for answer in unread { try await each(answer.item, answer.verdict) }
        return verdicts
    }

    /// Keeps what was paid for replies that could not be read, also when this task is being cancelled.
    private func recordLost(_ answers: [JudgedAnswer]) async throws {
        if answers.isEmpty { return }
        let (store, cycle) = (store, cycle)
        let paid = answers.reduce(.zero) { $0 + $1.paid }
        try await Task { try await store.recordLost(paid, cycle: cycle, because: JudgeReadings.code.rawValue) }.value
    }

    /// A rating that is written already, or, with what was wrong with the reply, one that is not.
    private struct Judged: Sendable {
        var answer: JudgedAnswer
        var problem: JudgeReply.Problem?
    }

    private func verdict(
        on item: JudgedItem, id: Digest, by identity: Digest, revision: String, _ server: any ModelServer,
        paidFrom purse: Purse
    ) async throws -> Judged {
        if let verdict = JudgeRating(withoutAsking: judge, about: item) {
            let answer = JudgedAnswer(item: id, verdict: verdict)
            try await keep(answer, of: identity, answers: [:])
            return Judged(answer: answer)
        }
        let questions = JudgePrompt.orders(for: judge).map { Question(judge, item, $0, revision: revision) }
        // What could not be read is asked again, not taken from the cache.
        let cached = try await store.cachedAnswers(for: questions.map(\.digest))
            .filter { JudgeReply($0.value.text, judge: judge) != nil }
        var answers = cached
        for question in questions where answers[question.digest] == nil {
            // A question that the judge cannot be asked (too long, refused) has no readable reply.
            do {
                answers[question.digest] = try await purse.pay(for: question.request, price: model.price) {
                    try await server.complete(question.request, attempts: $0)
                }
            } catch let error as FledgeError where error.concernsOneQuestion { continue }
        }
        let readings = questions.map { question in
            (
                order: question.order,
                reading: answers[question.digest].map { JudgeReply.read($0.text, judge: judge) } ?? .failure(.refused)
            )
        }
        let replies = readings.map { (order: $0.order, reply: try? $0.reading.get()) }
        let paid = answers.filter { cached[$0.key] == nil }
        var answer = JudgedAnswer(item: id, verdict: JudgeRating(replies))
        for case (let order, let reply?) in replies { answer.replies[order.rawValue] = reply }
        answer.calls = paid.count
        for question in questions {
            guard let completion = paid[question.digest] else { continue }
            answer.promptTokens += completion.promptTokens(of: question.request)
            answer.completionTokens += completion.completionTokens(of: question.request)
            answer.costMicroDollars += completion.cost(of: question.request, at: model.price)
        }
        if answer.verdict.ground == .unreadable {
            let problems = readings.compactMap { reading -> JudgeReply.Problem? in
                if case .failure(let problem) = reading.reading { problem } else { nil }
            }
            return Judged(answer: answer, problem: problems.first ?? .refused)
        }
        // A charge locks the use case's account until it is written, so several calls are charged together.
        answer.charges = purse.charges(after: Self.callsOfACharge)
        try await keep(answer, of: identity, answers: paid.filter(\.value.isWhole))
        WorkProgress.current?.note()
        return Judged(answer: answer)
    }

    /// Writes a rating, also when this task is being cancelled, and also when the cancellation of another task broke the
    /// connection that the write is given first: its calls were paid for.
    private func keep(_ answer: JudgedAnswer, of identity: Digest, answers: [Digest: Completion]) async throws {
        let (store, metric, cycle) = (store, metric, cycle)
        try await Task {
            for _ in 1..<Self.writes {
                do {
                    return try await store.write(answer, of: identity, metric: metric, cycle: cycle, answers: answers)
                } catch { continue }
            }
            try await store.write(answer, of: identity, metric: metric, cycle: cycle, answers: answers)
        }.value
    }

    /// One call to the judge with the hash that the response cache knows it by.
    private struct Question {
        let order: JudgePrompt.Order
        let request: CompletionRequest
        let digest: Digest

        init(_ judge: JudgeDefinition, _ item: JudgedItem, _ order: JudgePrompt.Order, revision: String) {
            struct Key: Encodable {
                var request: CompletionRequest
                var revision: String
                var purpose = "judge"
            }
            let prompt = JudgePrompt(judge, item: item, order: order)
            self.order = order
            request = CompletionRequest(
                model: judge.model, adapter: nil, messages: prompt.messages, decoding: prompt.decoding, choices: nil)
            digest = Digest(of: CanonicalJSON.text(of: Key(request: request, revision: revision)))
        }
    }
}
