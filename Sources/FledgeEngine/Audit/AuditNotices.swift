import FledgeCore
import Foundation
import Logging

/// Tells somebody elsewhere how far the evidence has come, in the background.
///
/// Only the newest head of each use case waits to be sent, so that a receiver that was away gets what counts, and no
/// more than one notice a use case waits. A notice that fails is tried again after growing pauses, until it is taken or
/// a newer head replaces it. A notice that is refused does not delay the others. After each start of the daemon all
/// heads are sent once more.
package actor AuditNotices: AuditWitness {
    /// The pause after a failure: 5 s, 10 s and so on up to 5 minutes.
    package static func pause(afterFailures count: Int) -> Duration {
        .seconds(min(300, 5 * (1 << min(count - 1, 6))))
    }

    private let database: String
    private let sender: any AuditNoticeSender
    private let pause: @Sendable (Int) -> Duration
    private let now: @Sendable () -> Date
    private let logger: Logger
    private var waiting: [String: AuditAnchor.Line] = [:]
    /// The notices among those that wait which were refused; they are left until the pause is over.
    private var refused: [String: AuditAnchor.Line] = [:]
    private var since: Date?
    private var failures = 0
    private var problem: FledgeError?
    /// Whether the receiver can't be reached at all, so that the other notices are not tried either.
    private var isAway = false
    /// The task that ends the pause of the refused notices.
    private var reminder: Task<Void, Never>?
    private let hints = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// - Parameters:
    ///   - database: where it is, without user, password or query.
    ///   - pause: how long to leave it after so many failures.
    package init(
        database: String, sender: any AuditNoticeSender,
        pause: @escaping @Sendable (Int) -> Duration = { AuditNotices.pause(afterFailures: $0) },
        now: @escaping @Sendable () -> Date = { Date() },
        logger: Logger
    ) {
        self.database = database
        self.sender = sender
        self.pause = pause
        self.now = now
        self.logger = logger
    }

    package func tell(_ lines: [AuditAnchor.Line]) {
        for line in lines where !line.head.isBehind(waiting[line.useCase]?.head) { waiting[line.useCase] = line }
        if !waiting.isEmpty, since == nil { since = now() }
        hints.continuation.yield()
    }

    package var delay: AuditDelay? {
        since.map { AuditDelay(useCases: waiting.count, since: $0, problem: problem) }
    }

    /// Sends what waits, use case after use case, up to the first that does not arrive; goes on after one that is refused.
    ///
    /// - Parameter again: whether those that were refused are tried again as well.
    /// - Returns: how long to leave what is left after that; nil where nothing is.
    package func drain(again: Bool = true) async -> Duration? {
        if again { refused = [:] }
        var isRefused = false
        while let (name, line) = next {
            do {
                try await sender.send(
                    AuditNotice(database: database, useCase: name, head: line.head, time: line.at))
                taken(name, line)
            } catch let refusal as AuditNoticeRefusal {
                note(refusal.problem)
                isRefused = true
                // A newer head that came meanwhile is sent without a pause.
                if waiting[name] == line { refused[name] = line }
            } catch {
                note(
                    error as? FledgeError
                        ?? FledgeError("audit.webhook_failed", "the evidence's heads were not taken: \(error)"))
                isAway = true
                failures += 1
                return pause(failures)
            }
        }
        isAway = false
        if isRefused { failures += 1 }
        return waiting.isEmpty ? nil : pause(max(1, failures))
    }

    /// Sends what can be sent within `patience`, as the daemon stops. What is left is sent after the next start.
    package func drain(within patience: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = await self.drain() }
            group.addTask { try? await Task.sleep(for: patience) }
            await group.next()
            group.cancelAll()
        }
    }

    /// The oldest that waits and was not refused.
    private var next: (key: String, value: AuditAnchor.Line)? {
        waiting.filter { refused[$0.key] != $0.value }.min { ($0.value.at, $0.key) < ($1.value.at, $1.key) }
    }

    private func taken(_ name: String, _ line: AuditAnchor.Line) {
        // What came meanwhile is sent next.
        if waiting[name] == line { waiting[name] = nil }
        refused[name] = nil
        if waiting.isEmpty { since = nil }
        if isAway || waiting.isEmpty { recovered() }
    }

    private func recovered() {
        if failures > 0 { logger.notice("the heads of the evidence are taken elsewhere again") }
        isAway = false
        failures = 0
        if refused.isEmpty { problem = nil }
    }

    private func note(_ failure: FledgeError) {
        if failures == 0, problem == nil {
            logger.warning(
                "the heads of the evidence were not taken elsewhere: they are sent again",
                metadata: ["code": "\(failure.code)", "error": "\(failure.message)"])
        }
        problem = failure
    }

    /// Sends until the task is cancelled.
    package func run() async {
        defer {
            reminder?.cancel()
            reminder = nil
        }
        for await _ in hints.stream {
            while let pause = await drain(again: reminder == nil) {
                guard isAway else {
                    remind(in: pause)
                    break
                }
                guard (try? await Task.sleep(for: pause)) != nil else { return }
            }
        }
    }

    /// Has those that were refused tried again after a while; new heads of others are sent meanwhile.
    private func remind(in pause: Duration) {
        if reminder != nil { return }
        reminder = Task {
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            reminder = nil
            hints.continuation.yield()
        }
    }
}
