import FledgeCore
import FledgeDocument
import Foundation
import Logging

/// Makes an experiment's calls and writes their samples, in groups, as they come: performs what its ``CallWindow`` says.
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

    private typealias Window = CallWindow<SampleBatch>

    /// Samples are written so long after the first of them, whether or not more come: what a crash makes paying twice for is
    /// in flight, being written, or a moment old. While a group is being written the next one gathers, so that a slow disk
    /// makes groups larger, not calls fewer.
    private static let flushInterval = Duration.milliseconds(20)
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
    ///
    /// - Throws: what the server or the store throws; `spend.cap_reached` and `spend.reserved`; `CancellationError`. What was
    ///   answered until then is written.
    package func run(_ calls: [PlannedCall], experiment: ExperimentID) async throws {
        try await EngineTracing.experiment(experiment, model: model.name, calls: calls.count) {
            guard !calls.isEmpty else { return }
            var keys = RequestKeys(revision: try await server.revision(of: model.name))
            var left = calls[...]
            while !left.isEmpty {
                let chunk = try CallChunk(of: left, &keys)
                left = left.dropFirst(chunk.calls.count)
                try await complete(chunk, experiment: experiment)
            }
        }
        for judge in judges { try await judge.run(experiment) }
    }

    private func complete(_ chunk: CallChunk, experiment: ExperimentID) async throws {
        let cached = try await experiments.cachedAnswers(for: chunk.digests)
        var known: [Sample] = []
        var open: [Int] = []
        for place in chunk.calls.indices {
            // Scoring may take long, and whoever cancels the work does not wait for thousands of answers.
            if let answer = cached[chunk.digests[place]] {
                known.append(
                    try sample(of: chunk.calls[place], answer, to: chunk.requests[place], fromCache: true))
            } else {
                open.append(place)
            }
        }
        if !known.isEmpty {
            try await experiments.write(SampleBatch(experiment: experiment, samples: known, answers: [:]))
        }
        let purse = treasury?.purse(for: open.count, atOnce: max(1, await server.concurrency)) ?? Purse()
        let window = await call(open, of: chunk, experiment: experiment, paidFrom: purse)
        if window.failure != nil { await keep(merged(window.unwritten, experiment, paidFrom: purse)) }
        await purse.close()
        if let failure = window.failure { throw failure }
    }

    /// - Parameter open: the places of the calls that are to be made.
    /// - Returns: the window at its end, with what is unwritten where it failed.
    private func call(
        _ open: [Int], of chunk: CallChunk, experiment: ExperimentID, paidFrom purse: Purse
    ) async -> Window {
        var window = Window(calls: open.count)
        await withTaskGroup(of: Window.Event.self) { group in
            func perform(_ steps: [Window.Step]) {
                for step in steps {
                    switch step {
                    case .call(let number):
                        group.addTask { await answer(open[number], of: chunk, experiment: experiment, paidFrom: purse) }
                    case .write(let answers):
                        let batch = merged(answers, experiment, paidFrom: purse)
                        group.addTask { await write(batch) }
                    case .awaitFlush: group.addTask { await Self.event(.flushDue, after: Self.flushInterval) }
                    case .awaitGrace:
                        group.addTask {
                            try? await Task.sleep(for: Self.grace)
                            return .graceOver
                        }
                    }
                }
            }
            while !window.isOver {
                perform(window.advance(upTo: window.wantsCalls ? await server.concurrency : 1))
                guard let event = await group.next() else { break }
                perform(window.take(event))
            }
            group.cancelAll()
            // Calls that were answered meanwhile have been paid for as well.
            while let event = await group.next() { window.keep(event) }
        }
        return window
    }

    private static func event(_ event: Window.Event, after pause: Duration) async -> Window.Event {
        do { try await Task.sleep(for: pause) } catch { return .broken(error) }
        return event
    }

    private func write(_ batch: SampleBatch) async -> Window.Event {
        CrashPoint.answersUnwritten.reached()
        do { try await experiments.write(batch) } catch { return .broken(error) }
        WorkProgress.current?.note()
        CrashPoint.answersWritten.reached()
        return .written
    }

    /// Writes what was answered before giving up: it was paid for. Also when this task is being cancelled, and also when the
    /// cancellation broke the connection that the write is given first. A sample that is there already is left as it is, so
    /// the group whose end is not known goes along.
    private func keep(_ batch: SampleBatch) async {
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
    }

    private func merged(_ answers: [SampleBatch], _ experiment: ExperimentID, paidFrom purse: Purse) -> SampleBatch {
        var whole = SampleBatch(experiment: experiment, samples: [], answers: [:], charges: purse.charges())
        for one in answers {
            whole.samples += one.samples
            whole.answers.merge(one.answers) { $1 }
        }
        return whole
    }

    /// One call. A question that the model cannot be asked (too long, refused by a filter) is a sample without an answer; what
    /// every other question would meet as well ends the experiment.
    private func answer(
        _ place: Int, of chunk: CallChunk, experiment: ExperimentID, paidFrom purse: Purse
    ) async -> Window.Event {
        let (call, request) = (chunk.calls[place], chunk.requests[place])
        var batch = SampleBatch(experiment: experiment, samples: [], answers: [:])
        do {
            let completion = try await purse.pay(for: request, price: model.price) {
                try await server.complete(request, attempts: $0)
            }
            // What is no answer is not given again: the next time the question is asked.
            if completion.isWhole { batch.answers[chunk.digests[place]] = completion }
            var scored = try? sample(of: call, completion, to: request, fromCache: false)
            if scored == nil {
                // It was paid for, so that it is evidence, also where this task was cancelled while it was scored.
                scored = await Task.detached { [self] in
                    try? sample(of: call, completion, to: request, fromCache: false)
                }.value
            }
            if let scored { batch.samples = [scored] }
            return .answered(batch, failure: scored == nil ? CancellationError() : nil)
        } catch let error as FledgeError where error.concernsOneQuestion {
            batch.samples = [Sample(unansweredBecause: error, call)]
            return .answered(batch)
        } catch { return .failed(error) }
    }
}
