import FledgeCore

/// Somebody elsewhere who is told how far the evidence has come.
package protocol AuditWitness: Sendable {
    /// Takes lines, newest last, and returns at once: whoever has written them does not wait for anybody elsewhere.
    /// What fails of telling them is the witness's, and is seen in ``delay``. May be repeated: a line that is behind
    /// one that it was told changes nothing.
    func tell(_ lines: [AuditAnchor.Line]) async
    /// What has not been told yet; nil where everything has.
    var delay: AuditDelay? { get async }
}

/// A notice arrived, and was not taken: it says nothing of the next one.
package struct AuditNoticeRefusal: Error {
    package var problem: FledgeError

    package init(_ problem: FledgeError) { self.problem = problem }
}

/// Takes notices to somebody elsewhere.
package protocol AuditNoticeSender: Sendable {
    /// Sends one, once. May be repeated: who gets a notice twice has learnt nothing new.
    ///
    /// - Throws: `audit.webhook_failed` where it did not arrive, so that no other would either; `AuditNoticeRefusal`
    ///   where it was not taken.
    func send(_ notice: AuditNotice) async throws
}
