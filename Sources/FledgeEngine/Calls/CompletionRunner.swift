import FledgeCore
import FledgeDocument
import Foundation
import Logging

/// One call that an experiment asks for.
package struct PlannedCall: Sendable {
    package var candidate: Candidate
    package var candidateID: CandidateID
    package var example: Example
    package var `repeat`: Int

    package init(candidate: Candidate, candidateID: CandidateID, example: Example, repeat: Int) {
        self.candidate = candidate
        self.candidateID = candidateID
        self.example = example
        self.repeat = `repeat`
    }
}

/// Makes an experiment's calls and writes their samples, in groups, as they come.
package struct CompletionRunner: Sendable {
    let experiments: any ExperimentStore
    let server: any ModelServer
    let model: ModelDefinition
    let metrics: [MetricDefinition]
    let primary: MetricDefinition
    let scorer: Scorer
    /// The judges that see the answers afterwards.
    let judges: [JudgeRunner]
    /// Nil: calls cost nothing that anybody caps.
    let treasury: Treasury?

    /// Samples are written when this many have come, or this long after the first of them, whether or not more come: what
    /// a crash makes paying twice for is in flight, being written, or a moment old. While a group is being written the next
    /// one gathers, so that a slow disk makes groups larger, not calls fewer.
    private static let flushCount = 16
    private static let flushInterval = Duration.milliseconds(20)
    /// No call is begun while this many answers wait to be written.
    private static let maximumUnwritten = 1024
    /// Requests are made for so many calls at once: all those of a large experiment would not fit into memory.
    private static let atOnce = 8192
    /// Nor are more requests made at once whose messages have so many bytes.
    private static let bytesAtOnce = 64 << 20
    /// How long calls that are under way are waited for when another has ended the experiment.
    private static let grace = Duration.seconds(10)
    /// How often the last write is tried.
    private static let lastWrites = 3

    package init(
        experiments: any ExperimentStore, server: any ModelServer, model: ModelDefinition, metrics: [MetricDefinition],
        primary: MetricDefinition, scorer: Scorer = Scorer()
    ) {
        self.init(
            experiments: experiments, server: server, model: model, metrics: metrics, primary: primary, scorer: scorer,
            judges: [], treasury: nil)
    }

    init(
        experiments: any ExperimentStore, server: any ModelServer, model: ModelDefinition, metrics: [MetricDefinition],
        primary: MetricDefinition, scorer: Scorer, judges: [JudgeRunner], treasury: Treasury?
    ) {
        self.experiments = experiments
        self.server = server
        self.model = model
        self.metrics = metrics
        self.primary = primary
        self.scorer = scorer
        self.judges = judges
        self.treasury = treasury
    }

    /// Makes the calls, in the order given, with as many in flight as the server is good for.
    ///
    /// Calls whose answer is in the response cache are not made again. Every other call's answer goes into the cache in the
    /// transaction that writes its sample.
    ///
    /// Judges see every answer of the experiment that they have not seen yet before this returns.
    package func run(_ calls: [PlannedCall], experiment: ExperimentID) async throws {
        try await EngineTracing.experiment(experiment, model: model.name, calls: calls.count) {
            try await complete(calls, experiment: experiment)
        }
        for judge in judges { try await judge.run(experiment) }
    }

    private func complete(_ calls: [PlannedCall], experiment: ExperimentID) async throws {
        guard !calls.isEmpty else { return }
        var keys = RequestKeys(revision: try await server.revision(of: model.name))
        var place = 0
        while place < calls.count {
            let first = place
            var requests: [KeyedRequest] = []
            var bytes = 0
            while place < calls.count, requests.count < Self.atOnce, bytes < Self.bytesAtOnce {
                // Long prompts take their time, and whoever cancels the work does not wait for thousands of them.
                try Task.checkCancellation()
                let request = keys.request(for: calls[place])
                bytes += request.request.messages.reduce(0) { $0 + $1.content.utf8.count }
                requests.append(request)
                place += 1
            }
            try await complete(Array(calls[first..<place]), requests, experiment: experiment)
        }
    }

    private func complete(_ calls: [PlannedCall], _ requests: [KeyedRequest], experiment: ExperimentID) async throws {
        let cached = try await experiments.cachedAnswers(for: requests.map(\.digest))
        let known = try zip(calls, requests).compactMap { call, request in
            // Scoring may take long, and whoever cancels the work does not wait for thousands of answers.
            try cached[request.digest].map { try sample(of: call, $0, to: request.request, fromCache: true) }
        }
        if !known.isEmpty {
            try await experiments.write(SampleBatch(experiment: experiment, samples: known, answers: [:]))
        }
        let open =
            cached.isEmpty ? Array(zip(calls, requests)) : zip(calls, requests).filter { cached[$1.digest] == nil }
        try await call(open, experiment: experiment)
    }

    private struct Answered: Sendable {
        /// Nil where the work was cancelled before the answer was scored: it is kept, and scored when it is asked for again.
        var sample: Sample?
        var digest: Digest
        var completion: Completion?
    }

    private enum Arrival: Sendable {
        case answered(Answered)
        case failed(any Error)
        /// Calls that were under way when another failed have had their time.
        case lateness
        /// The first of the waiting samples has waited for long enough.
        case timer
        case written
    }

    private func call(_ open: [(PlannedCall, KeyedRequest)], experiment: ExperimentID) async throws {
        let purse = treasury?.purse(for: open.count, atOnce: max(1, await server.concurrency)) ?? Purse()
        var waiting: [Answered] = []
        var writing: [Answered] = []
        do {
            try await withThrowingTaskGroup(of: Arrival.self) { group in
                var next = 0
                var inFlight = 0
                var hasTimer = false
                var failure: (any Error)?
                /// As many calls as the server is good for by now.
                func callNext() async {
                    guard failure == nil, next < open.count, waiting.count < Self.maximumUnwritten else { return }
                    let concurrency = max(1, await server.concurrency)
                    while inFlight < concurrency, next < open.count {
                        let (planned, request) = open[next]
                        next += 1
                        inFlight += 1
                        group.addTask {
                            do { return .answered(try await answer(planned, request, paidFrom: purse)) } catch {
                                return .failed(error)
                            }
                        }
                    }
                }
                func fail(_ error: any Error) {
                    // What else is under way is paid for: it may still come, for a while.
                    guard failure == nil else { return }
                    failure = error
                    group.addTask {
                        try? await Task.sleep(for: Self.grace)
                        return .lateness
                    }
                }
                func write() {
                    guard writing.isEmpty, !waiting.isEmpty else { return }
                    swap(&waiting, &writing)
                    let batch = batch(of: writing, experiment: experiment, paidFrom: purse)
                    group.addTask {
                        CrashPoint.answersUnwritten.reached()
                        try await experiments.write(batch)
                        WorkProgress.current?.note()
                        CrashPoint.answersWritten.reached()
                        return .written
                    }
                }
                await callNext()
                do {
                    while inFlight > 0 || !writing.isEmpty || !waiting.isEmpty {
                        if inFlight == 0 { write() }
                        guard let arrival = try await group.next() else { break }
                        switch arrival {
                        case .answered(let answered):
                            inFlight -= 1
                            waiting.append(answered)
                            if answered.sample == nil { fail(CancellationError()) }
                            if waiting.count >= Self.flushCount {
                                write()
                            } else if !hasTimer {
                                hasTimer = true
                                group.addTask {
                                    try await Task.sleep(for: Self.flushInterval)
                                    return .timer
                                }
                            }
                        case .failed(let error):
                            inFlight -= 1
                            fail(error)
                        case .lateness: if let failure { throw failure }
                        case .timer:
                            hasTimer = false
                            write()
                        case .written:
                            writing = []
                            if waiting.count >= Self.flushCount || !hasTimer { write() }
                        }
                        await callNext()
                    }
                } catch {
                    // Calls that were answered while the last group was being written have been paid for as well.
                    group.cancelAll()
                    while let result = await group.nextResult() {
                        if case .success(.answered(let answered)) = result { waiting.append(answered) }
                    }
                    throw error
                }
                group.cancelAll()
                if let failure { throw failure }
            }
        } catch {
            // What was answered was paid for: keep it before giving up, also when this task is being cancelled, and also
            // when the cancellation broke the connection that the write is given first. A sample that is there already is
            // left as it is, so the group whose end is not known goes along.
            let batch = batch(of: writing + waiting, experiment: experiment, paidFrom: purse)
            let store = experiments
            let isKept = await Task {
                for _ in 0..<Self.lastWrites {
                    do {
                        try await store.write(batch)
                        return true
                    } catch { continue }
                }
                return false
            }.value
            if isKept, !batch.answers.isEmpty { WorkProgress.current?.note() }
            await purse.close()
            throw error
        }
        await purse.close()
    }

    private func batch(of answered: [Answered], experiment: ExperimentID, paidFrom purse: Purse) -> SampleBatch {
        var answers: [Digest: Completion] = [:]
        // What is no answer is not given again: the next time the question is asked.
        for answer in answered where answer.completion?.isWhole == true { answers[answer.digest] = answer.completion }
        return SampleBatch(
            experiment: experiment, samples: answered.compactMap(\.sample), answers: answers,
            charges: purse.charges())
    }

    /// One call. A question that the model cannot be asked (too long, refused by a filter) is a sample without an answer; what
    /// every other question would meet as well ends the experiment.
    private func answer(
        _ planned: PlannedCall, _ request: KeyedRequest, paidFrom purse: Purse
    ) async throws -> Answered {
        do {
            let completion = try await purse.pay(for: request.request, price: model.price) {
                try await server.complete(request.request)
            }
            var scored = try? sample(of: planned, completion, to: request.request, fromCache: false)
            if scored == nil {
                // It was paid for, so that it is evidence, also where this task was cancelled while it was scored.
                scored = await Task.detached { [self] in
                    try? sample(of: planned, completion, to: request.request, fromCache: false)
                }.value
            }
            return Answered(sample: scored, digest: request.digest, completion: completion)
        } catch let error as FledgeError where error.concernsOneQuestion {
            let failed = Sample(
                candidate: planned.candidateID, example: planned.example.id, repeat: planned.repeat, output: nil,
                errorCode: error.code.rawValue, scores: [:], promptTokens: 0, cachedTokens: 0,
                completionTokens: 0, latencyMicroseconds: 0, costMicroDollars: 0, fromCache: false)
            return Answered(sample: failed, digest: request.digest, completion: nil)
        }
    }

    /// - Throws: `CancellationError`, and nothing else.
    private func sample(
        of call: PlannedCall, _ completion: Completion, to request: CompletionRequest, fromCache: Bool
    ) throws(CancellationError) -> Sample {
        var scores: [String: Double] = [:]
        for metric in metrics {
            scores.merge(
                try scorer.scores(
                    metric, output: completion.text, expected: call.example.expected, choices: call.candidate.choices)
            ) { $1 }
        }
        scores["primary"] = scores[primary.name]
        let shortfall = completion.missing
        let isBlank = AnswerText.trimmed(completion.text).isEmpty
        let isLabel = shortfall == .cutOff && scorer.isLabel(completion.text, choices: call.candidate.choices)
        let isUnanswered =
            shortfall != nil && !isLabel && (isBlank || scores["primary"].map { $0 <= 0 } ?? (primary.judge == nil))
        let usage = CallUsage(completion, of: request, price: model.price)
        return Sample(
            candidate: call.candidateID, example: call.example.id, repeat: call.repeat, output: completion.text,
            errorCode: nil, scores: isUnanswered ? [:] : scores, promptTokens: usage.promptTokens,
            cachedTokens: completion.cachedTokens,
            completionTokens: usage.completionTokens, latencyMicroseconds: completion.latencyMicroseconds,
            costMicroDollars: usage.costMicroDollars, fromCache: fromCache, shortfall: isLabel ? nil : shortfall,
            isUnanswered: isUnanswered, isUsagePresumed: usage.isPresumed)
    }
}
