import FledgeCore
import FledgeEngine
import Foundation
import Logging
import PostgresClient

/// Writes many transitions and ends of work in one transaction. A row whose cycle or work has changed meanwhile fails
/// alone.
///
/// Two round trips before COMMIT, whatever the number of rows: the first begins, locks the cycles, reads what their
/// histories end with and ends the work under its fencing numbers; the second writes everything that follows. In between the
/// rows are told apart: a cycle that has moved on (`cycle.conflict`), work that another has (`work.lost`), and the rest.
struct WorkBatch: Sendable {
    let pool: PostgresPool
    let logger: Logger
    let channel: String

    typealias Outcome = Result<Void, any Error>

    func write(_ entries: [WorkWrite]) async -> [Outcome] {
        do {
            return try await repeating(entries)
        } catch let error as FledgeError {
            if error.disposition == .transient || entries.count == 1 { return entries.map { _ in .failure(error) } }
            // The database refuses one of the rows (a CHECK, a broken value). They are written one by one then, so that
            // the others succeed.
            var outcomes: [Outcome] = []
            for entry in entries { outcomes += await write([entry]) }
            return outcomes
        } catch {
            return entries.map { _ in .failure(error) }
        }
    }

    /// Tries again after a deadlock, a lost connection or a COMMIT that may or may not have come through.
    ///
    /// That one cannot be looked up at once: the server may still be about to commit it. Writing again waits for its locks, so
    /// that afterwards it is certain: what was written has the hash and the fencing number that were tried.
    private func repeating(_ entries: [WorkWrite]) async throws -> [Outcome] {
        let tried = TriedWrites(count: entries.count)
        let start = ContinuousClock.now
        var attempt = 1
        while true {
            do {
                return try await once(entries, tried)
            } catch let error as PostgresError {
                // Whether something was committed has to be found out; what certainly was not is repeated by its worker.
                let patience: Duration = tried.isAmbiguous ? .seconds(30) : .seconds(2)
                let isBroken =
                    error.isUndone || error.code == .commitUnknown || (error.code == .connection && error.isTransient)
                guard isBroken, start.duration(to: .now) < patience else { throw FledgeError(error) }
                logger.debug("writing transitions again", metadata: ["attempt": "\(attempt)", "error": "\(error)"])
                try await Task.sleep(for: .milliseconds(Int.random(in: 1...(10 << min(attempt, 6)))))
                attempt += 1
            }
        }
    }

    private func once(_ entries: [WorkWrite], _ tried: TriedWrites) async throws -> [Outcome] {
        if entries.allSatisfy({ $0.transition == nil }) { return try await endings(entries, tried) }
        do {
            let outcomes = try await pool.withTransaction(beginningWith: Self.questions(entries)) { connection, found in
                var verdict = try BatchOutcome(
                    entries, cycles: found[0].rows, ended: found.dropFirst().first?.rows ?? [])
                if tried.isAmbiguous, !verdict.refused.isEmpty {
                    verdict.accept(try await tried.recorded(verdict.refused, of: entries, connection))
                }
                tried.note(verdict.written)
                if !verdict.written.isEmpty {
                    try await connection.pipeline(Self.changes(verdict.written, channel: channel))
                }
                CrashPoint.beforeCommit.reached()
                return verdict.outcomes
            }
            CrashPoint.committed.reached()
            return outcomes
        } catch let error as PostgresError where error.code == .commitUnknown {
            tried.becomeAmbiguous()
            throw error
        }
    }

    /// Ends of work alone are one statement, which commits by itself.
    private func endings(_ entries: [WorkWrite], _ tried: TriedWrites) async throws -> [Outcome] {
        do {
            return try await pool.withConnection { connection in
                let ended = try await connection.rows(WorkStatement.end, Self.endings(entries))
                var verdict = try BatchOutcome(entries, cycles: [], ended: ended)
                if tried.isAmbiguous, !verdict.refused.isEmpty {
                    verdict.accept(try await tried.recorded(verdict.refused, of: entries, connection))
                }
                return verdict.outcomes
            }
        } catch let error as PostgresError where error.code == .connection {
            tried.becomeAmbiguous()
            throw error
        }
    }

    private static func questions(_ entries: [WorkWrite]) -> [PostgresStatement] {
        let lock = PostgresStatement(
            HistoryStatement.lockCycles, [entries.compactMap { $0.transition?.cycle.id.rawValue }])
        let ends = entries.contains { $0.lease != nil }
        return ends ? [lock, PostgresStatement(WorkStatement.end, endings(entries))] : [lock]
    }

    private static func endings(_ entries: [WorkWrite]) -> [(any PostgresEncodable)?] {
        let ending = entries.filter { $0.lease != nil }
        return [
            ending.compactMap { $0.lease?.item.rawValue }, ending.compactMap { $0.lease?.fence },
            PostgresArray(ending.map { $0.failure?.code }), PostgresArray(ending.map { $0.failure?.message.storable }),
            PostgresArray(ending.map { $0.transition?.cycle.id.rawValue }),
            PostgresArray(ending.map { $0.transition?.cycle.version }), WorkPriority.step.wholeMicroseconds,
        ]
    }

    /// Adds the entries to the history.
    static func entries(of written: [RecordedTransition]) -> PostgresStatement {
        let entries = written.map(\.entry)
        let cycles = written.map(\.transition.cycle)
        return PostgresStatement(
            HistoryStatement.addTransitions,
            [
                cycles.map(\.useCase.rawValue), cycles.map(\.id.rawValue), entries.map(\.sequence),
                entries.map(\.event),
                entries.map(\.fromStage.rawValue), entries.map(\.fromActivity.rawValue),
                entries.map(\.toStage.rawValue), entries.map(\.toActivity.rawValue), entries.map(\.actor),
                entries.map(\.evidence), written.map(\.microseconds), entries.map(\.previousHash),
                entries.map(\.hash),
            ])
    }

    /// Everything that follows, for one round trip.
    ///
    /// The work comes before the cycles: the trigger that parks it for daemons of the version before finds it done.
    static func changes(_ written: [RecordedTransition], channel: String) -> [PostgresStatement] {
        let transitions = written.map(\.transition)
        let states = transitions.map(\.newState)
        let move = PostgresStatement(
            HistoryStatement.moveCycles,
            [
                transitions.map(\.cycle.id.rawValue), states.map(\.storedJSON), states.map(\.stage.rawValue),
                states.map(\.activity.rawValue), states.map(\.isPaused), PostgresArray(states.map(\.block?.code)),
                transitions.map(\.event.kind.endsCycle),
            ])
        // The hint comes also without new work: a resumed cycle's waiting work is due, a daemon looks for what a pause has
        // stopped.
        return [entries(of: written)] + work(of: transitions)
            + [move, PostgresStatement(HistoryStatement.hint, [channel])]
    }
}
