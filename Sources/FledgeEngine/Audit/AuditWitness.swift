import FledgeCore

/// Somebody elsewhere who is told how far the evidence has come.
package protocol AuditWitness: Sendable {
    /// Takes lines, newest last, and returns at once: whoever has written them does not wait for anybody elsewhere.
    func tell(_ lines: [AuditAnchor.Line]) async
    /// What has not been told yet; nil where everything has.
    var delay: AuditDelay? { get async }
}

/// A notice arrived, and was not taken: it says nothing of the next one.
package struct AuditNoticeRefusal: Error {
    package var problem: FledgeError

    package init(_ problem: FledgeError) { self.problem = problem }
}

/// Takes one notice. - Throws: a `FledgeError` where it did not arrive, an `AuditNoticeRefusal` where it was not taken.
package protocol AuditNoticeSender: Sendable {
    func send(_ notice: AuditNotice) async throws
}
