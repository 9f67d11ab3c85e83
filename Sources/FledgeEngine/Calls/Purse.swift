import FledgeCore
import FledgeDocument
import Synchronization

/// Pays for calls: money is set aside in the database before a call is made, a block of calls at a time, and settled with
/// what was paid. Where the definition has no cap, nothing is set aside.
///
/// Stands for what a use case may spend in a period, over all daemons; not for how many calls are under way.
package final class Purse: Sendable {
    private struct State {
        var money = PurseState()
        var isUncapped = false
        var refill: Task<Void, any Error>?
    }

    private let treasury: Treasury?
    private let block: Int
    private let state: Mutex<State>

    /// How long room is waited for that others may give back: longer than any lease.
    private static let patience = Duration.seconds(120)
    private static let lastWrites = 3

    init(treasury: Treasury, block: Int) {
        self.treasury = treasury
        self.block = block
        state = Mutex(State())
    }

    /// A purse that never runs out.
    init() {
        treasury = nil
        block = 0
        state = Mutex(State(isUncapped: true))
    }

    /// Makes a call once there is money for the most that it can use.
    ///
    /// - Parameter call: given the attempts that its server may make; what the last of them was charged is what its answer
    ///   says, or the most that it can have used.
    /// - Throws: `spend.cap_reached`, for a person, or until the next period; `spend.reserved`, transient, when
    ///   others keep the rest to themselves; what the call throws.
    package func pay(
        for request: CompletionRequest, price: TokenPrice?, _ call: (CallAttempts) async throws -> Completion
    ) async throws -> Completion {
        if state.withLock({ $0.isUncapped }) { return try await call(CallAttempts()) }
        let amount = SpendAmount(
            CallEstimate(messages: request.messages, maxTokens: request.decoding.maxTokens, price: price))
        guard let ticket = try await take(amount) else { return try await call(CallAttempts()) }
        let attempts = CallAttempts { [self] in
            // The attempt before may have been paid, and this one may be as well.
            if let lost = try await take(amount) { finish(lost, .unknown) }
        }
        do {
            let completion = try await call(attempts)
            finish(
                ticket,
                completion.isUsageSaid
                    ? .paid(
                        SpendAmount(
                            promptTokens: completion.promptTokens(of: request),
                            completionTokens: completion.completionTokens(of: request), price: price))
                    : .unknown)
            return completion
        } catch {
            finish(ticket, attempts.mayBePaid ? .unknown : .refused)
            throw error
        }
    }

    /// What is to be settled in the transaction that writes the answers.
    ///
    /// - Parameter calls: nothing where fewer than these are over since the last time.
    package func charges(after calls: Int = 0) -> [PurseState.Charge] {
        state.withLock { $0.money.charges(after: calls) }
    }

    /// Settles the rest and gives back what was not used, also when this task is being cancelled. Where the database can't
    /// be reached, the lease does it: all that was set aside then counts as paid.
    package func close() async {
        let last = state.withLock { $0.money.close() }
        guard !last.isEmpty, let store = treasury?.store else { return }
        // Unstructured, so that a cancellation does not cut it off.
        await Task {
            for _ in 0..<Self.lastWrites {
                do { return try await store.close(last) } catch { continue }
            }
        }.value
    }

    private func finish(_ ticket: PurseState.Ticket, _ outcome: PurseState.Outcome) {
        state.withLock { $0.money.finish(ticket, outcome) }
    }

    // MARK: Setting aside

    /// - Returns: nil where nothing is capped.
    private func take(_ amount: SpendAmount) async throws -> PurseState.Ticket? {
        enum Step { case taken(PurseState.Ticket?), wait(Task<Void, any Error>) }
        while true {
            try Task.checkCancellation()
            let step = state.withLock { state -> Step in
                if state.isUncapped { return .taken(nil) }
                if let ticket = state.money.take(amount) { return .taken(ticket) }
                if let refill = state.refill { return .wait(refill) }
                // Unstructured, because all calls that find the purse empty wait for the one block.
                let refill = Task { try await self.refill(amount) }
                state.refill = refill
                return .wait(refill)
            }
            guard case .wait(let refill) = step else {
                if case .taken(let ticket) = step { return ticket }
                return nil
            }
            do {
                try await withTaskCancellationHandler {
                    try await refill.value
                } onCancel: {
                    refill.cancel()
                }
            } catch is CancellationError {
                // Another call's cancellation: this one asks again.
                continue
            }
        }
    }

    private func refill(_ amount: SpendAmount) async throws {
        defer { state.withLock { $0.refill = nil } }
        guard let treasury else { return }
        let deadline = ContinuousClock.now + Self.patience
        var pause = Duration.milliseconds(10)
        while true {
            let current = state.withLock { $0.money.current }
            // Unstructured, so that a cancellation waits for the answer: what was granted and not heard of would count as
            // paid.
            let grant = try await Task {
                try await treasury.store.reserve(
                    self.block, each: amount, for: treasury.useCase, addingTo: current, lease: treasury.lease)
            }.value
            switch grant {
            case .uncapped: return state.withLock { $0.isUncapped = true }
            case .granted(let amount, let reservation, let account):
                return state.withLock { $0.money.add(amount, to: reservation, of: account) }
            case .exhausted(let error): throw error
            case .waiting:
                // Two that wait for each other's rest would wait for ever.
                let charges = state.withLock { state in
                    state.money.letGo()
                    return state.money.charges()
                }
                if !charges.isEmpty { try await treasury.store.charge(charges) }
                guard ContinuousClock.now < deadline else {
                    throw FledgeError(
                        "spend.reserved", "what is left under the cap is set aside for other calls",
                        hint: "fledge spend shows for how much; it is tried again")
                }
                try await Task.sleep(for: pause * Double.random(in: 0.5...1))
                pause = min(pause * 2, .milliseconds(500))
            }
        }
    }
}
