import FledgeClient
import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import PostgresClient
import Synchronization

/// Keeps so many small use cases under way: applies a new one, through some daemon, when one has arrived.
final class Feed: Sendable {
    private struct State {
        var applied = 0
        var open: Set<String> = []
        var arrived = 0
        var revived = 0
        var isClosed = false
    }

    private static let appliers = 3
    /// One of these may wait a minute for what a killed daemon had set aside: they are not to fill the field.
    private static let metered = 2
    private let arena: Arena
    private let width: Int
    private let kinds: [SmallUseCase.Kind]
    private let random: Mutex<SplitMix64>
    private let state = Mutex(State())

    /// - Parameter width: use cases that are open at once.
    init(_ arena: Arena, width: Int, kinds: [SmallUseCase.Kind], seed: UInt64) {
        self.arena = arena
        self.width = width
        self.kinds = kinds
        random = Mutex(SplitMix64(seed: seed &+ 0xFEED))
    }

    var arrived: Int { state.withLock { $0.arrived } }
    var applied: Int { state.withLock { $0.applied } }
    /// Use cases that had to be started again with `fledge retry`, because a fault had blocked them.
    var revived: Int { state.withLock { $0.revived } }
    var openNames: [String] { state.withLock { $0.open.sorted() } }

    /// No further use case: what is open is seen through.
    func close() { state.withLock { $0.isClosed = true } }

    /// Runs until cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.appliers { group.addTask { await self.applyForever() } }
            group.addTask { await self.lookForever() }
        }
    }

    private func applyForever() async {
        while !Task.isCancelled {
            guard let useCase = next() else {
                try? await Task.sleep(for: .milliseconds(50))
                continue
            }
            await apply(useCase)
        }
    }

    private func next() -> SmallUseCase? {
        state.withLock { state in
            guard !state.isClosed, state.open.count < width else { return nil }
            var kind = kinds[state.applied % kinds.count]
            let open = state.open.count { SmallUseCase(named: $0)?.kind == kind }
            if kind == .metered, open >= Self.metered { kind = kinds[0] }
            let useCase = SmallUseCase(kind, number: state.applied)
            state.applied += 1
            state.open.insert(useCase.name)
            return useCase
        }
    }

    /// Whichever daemon takes it: a request whose answer is lost is sent again, to another.
    private func apply(_ useCase: SmallUseCase) async {
        while !Task.isCancelled {
            do {
                let request = try useCase.request(modelsAt: arena.models, in: "\(arena.directory)/data")
                let daemon = someDaemon()
                let result = try await Self.limited(.seconds(5)) { try await daemon.client.apply(request) }
                if result?.applied != nil { return }
                if let result { complain("\(useCase.name): \(result.diagnostics)") }
            } catch { /* the daemon is gone, or on its way: another one is asked */  }
            try? await Task.sleep(for: .milliseconds(30))
        }
    }

    private func someDaemon() -> DaemonSlot {
        arena.daemons[random.withLock { Int($0.next(below: UInt64(arena.daemons.count))) }]
    }

    private static func limited<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value? {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    // MARK: - Looking

    private static let arrivedUseCases = """
        SELECT u.name, c.stage, c.activity, c.block_code FROM use_case u
        JOIN LATERAL (SELECT * FROM cycle c WHERE c.use_case_id = u.id ORDER BY c.number DESC LIMIT 1) c ON true
        WHERE u.name = ANY ($1::text[]) AND (c.block_code IS NOT NULL OR c.activity = 'live')
        """
    // A schedule that is new was due a day ago: each has one slot to catch up with, once.
    private static let makeDue = """
        UPDATE report_schedule SET next_slot = now() - interval '1 day' WHERE next_slot > now()
          AND NOT EXISTS (SELECT FROM schedule_slot s WHERE s.schedule_id = report_schedule.id)
        """

    private func lookForever() async {
        while !Task.isCancelled {
            await look()
            try? await Task.sleep(for: .milliseconds(150))
        }
    }

    private func look() async {
        let open = openNames
        guard !open.isEmpty, let rows = try? await arena.pool.query(Self.arrivedUseCases, [open]) else { return }
        _ = try? await arena.pool.execute(Self.makeDue)
        for row in rows {
            guard let name = try? row.get("name", as: String.self), let useCase = SmallUseCase(named: name) else {
                continue
            }
            let block = (try? row.get("block_code", as: String?.self)) ?? nil
            if useCase.ends(blockedBy: block) {
                state.withLock { state in if state.open.remove(name) != nil { state.arrived += 1 } }
            } else if let block {
                await revive(name, block: block)
            }
        }
    }

    /// A person would: what a fault has blocked is started again.
    private func revive(_ name: String, block: String) async {
        let daemon = someDaemon()
        let isRevived = try? await Self.limited(.seconds(5)) {
            _ = try await daemon.client.send(.retry, to: name, actor: LocalUser.actor)
            return true
        }
        guard isRevived == true else { return }
        state.withLock { $0.revived += 1 }
        complain("\(name) was blocked by \(block), and is started again")
    }

    private func complain(_ text: String) { Progress.say(text) }
}
