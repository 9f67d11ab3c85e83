/// The calls of one experiment at one server: which are under way, which answers wait to be written, what comes next, and
/// what a failure does to the rest.
///
/// A value without a clock, tasks or a server. Whoever drives it performs its steps in order, and tells it what came of
/// each. It begins every call at most once and in order, has one write under way at most, and never hands an answer to two
/// writes that are both known to have succeeded.
struct CallWindow<Answer: Sendable>: Sendable {
    /// What came of a step.
    enum Event: Sendable {
        /// A call was answered. With a failure, the answer is kept, and the experiment ends all the same.
        case answered(Answer, failure: (any Error)? = nil)
        /// A call has no answer, for a reason that every other call would meet as well.
        case failed(any Error)
        /// The first of the waiting answers has waited for long enough.
        case flushDue
        case written
        /// Calls that were under way when another failed have had their time.
        case graceOver
        /// The steps themselves can't be performed: a write has failed, or a wait was cut off.
        case broken(any Error)
    }

    enum Step: Sendable {
        /// Make the call at this place of the plan.
        case call(Int)
        case write([Answer])
        /// Tell `flushDue` after a moment.
        case awaitFlush
        /// Tell `graceOver` after the time that calls are given which are under way.
        case awaitGrace
    }

    /// So many waiting answers are written at once, whether or not their moment has come.
    let flushCount: Int
    /// No call is begun while so many answers wait.
    let maximumWaiting: Int
    /// Calls of the plan.
    let total: Int

    private var next = 0
    private var waiting: [Answer] = []
    private var writing: [Answer] = []
    private var isFlushAwaited = false
    private var isBroken = false
    private(set) var inFlight = 0
    /// Why the experiment ends before all its calls are made.
    private(set) var failure: (any Error)?

    init(calls total: Int, flushCount: Int = 16, maximumWaiting: Int = 1024) {
        self.total = total
        self.flushCount = flushCount
        self.maximumWaiting = maximumWaiting
    }

    /// Whether another call would be begun if the server took it.
    var wantsCalls: Bool { failure == nil && next < total && waiting.count < maximumWaiting }

    /// Whether nothing is left to be waited for.
    var isOver: Bool { isBroken || (inFlight == 0 && waiting.isEmpty && writing.isEmpty && !wantsCalls) }

    /// Answers that no finished write has: all that were paid for and are not known to be kept.
    var unwritten: [Answer] { writing + waiting }

    /// What comes next: as many calls as the server bears, and, where none is under way, the write of what waits.
    ///
    /// - Parameter concurrency: how many calls the server bears; at least one is made.
    mutating func advance(upTo concurrency: Int) -> [Step] {
        var steps: [Step] = []
        if wantsCalls {
            while inFlight < max(1, concurrency), next < total {
                steps.append(.call(next))
                next += 1
                inFlight += 1
            }
        }
        return inFlight == 0 ? steps + write() : steps
    }

    /// What has to be done at once because of an event.
    mutating func take(_ event: Event) -> [Step] {
        switch event {
        case .answered(let answer, let failure):
            inFlight -= 1
            waiting.append(answer)
            let ending = failure.map { fail($0) } ?? []
            if waiting.count >= flushCount { return ending + write() }
            guard !isFlushAwaited else { return ending }
            isFlushAwaited = true
            return ending + [.awaitFlush]
        case .failed(let error):
            inFlight -= 1
            return fail(error)
        case .flushDue:
            isFlushAwaited = false
            return write()
        case .written:
            writing = []
            return waiting.count >= flushCount || !isFlushAwaited ? write() : []
        case .graceOver:
            isBroken = failure != nil
            return []
        case .broken(let error):
            failure = error
            isBroken = true
            return []
        }
    }

    /// Takes an answer that came when nothing was waited for any longer: it was paid for as well.
    mutating func keep(_ event: Event) {
        if case .answered(let answer, _) = event { waiting.append(answer) }
    }

    /// What else is under way is paid for: it may still come, for a while.
    private mutating func fail(_ error: any Error) -> [Step] {
        guard failure == nil else { return [] }
        failure = error
        return [.awaitGrace]
    }

    private mutating func write() -> [Step] {
        guard writing.isEmpty, !waiting.isEmpty else { return [] }
        swap(&waiting, &writing)
        return [.write(writing)]
    }
}

extension CallWindow.Step: Equatable where Answer: Equatable {}
