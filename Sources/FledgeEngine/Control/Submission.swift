import FledgeCore
import FledgeDocument

/// Definitions that are planned or applied together, all of them or none, and where the data files are that they name.
package struct Submission: Sendable {
    /// In the order in which they are told of. Each has a name of its own.
    package var definitions: [ApplyRequest]
    /// What came with the request, by ``ApplyRequest/dataPath``: no other file is opened. Nil where the files are on the disk
    /// of whoever takes the submission.
    package var sent: [String: SentFile]?

    package init(_ definitions: [ApplyRequest], sent: [String: SentFile]? = nil) {
        self.definitions = definitions
        self.sent = sent
    }
}

/// A data file of a submission, as it came from the client.
package enum SentFile: Hashable, Sendable {
    /// The bytes, at this path of the daemon's own.
    case spooled(String)
    /// The client could not read it.
    case failed(FledgeError)
}

/// Who plans and applies definitions: the daemon's service, and the client that sends them to it; see ``ControlAPI``
/// for what holds for all that is asked.
///
/// What is wrong with a definition or its data is a diagnostic of the answer, and not thrown. Files of the submission
/// stay the caller's, and have to be there until the answer.
package protocol SubmissionAPI: Sendable {
    /// What applying them would change, each by itself, in their order.
    func plan(_ submission: Submission) async throws -> [PlanResult]
    /// Stores all of them in one transaction, or none where a diagnostic of any is an error; in their order. May be
    /// repeated: what is stored already stays the revision that it is.
    func apply(_ submission: Submission) async throws -> [ApplyResult]
}

extension SubmissionAPI {
    package func plan(_ request: ApplyRequest) async throws -> PlanResult { try await one(plan(Submission([request]))) }
    package func apply(_ request: ApplyRequest) async throws -> ApplyResult {
        try await one(apply(Submission([request])))
    }

    private func one<Answer>(_ results: [Answer]) throws -> Answer {
        guard results.count == 1 else {
            throw FledgeError(
                "daemon.unexpected_answer", "one definition was asked about, and \(results.count) are answered",
                hint: "check that fledge and fledged are of the same version")
        }
        return results[0]
    }
}
