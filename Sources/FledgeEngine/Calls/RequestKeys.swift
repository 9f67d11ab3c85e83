import FledgeCore
import FledgeDocument
import Foundation

/// The hashes that the response cache knows planned calls by.
///
/// The hash is SHA-256 over the canonical JSON of `{"repeat", "request", "revision"}`. What a candidate's requests have in
/// common is encoded once for all of them: an experiment asks a few candidates about thousands of examples.
struct RequestKeys {
    private struct Frame {
        /// The canonical JSON before the messages, and behind them.
        var before: JSONBytes
        var after: JSONBytes
    }

    private let revision: String
    private var frames: [CandidateID: Frame] = [:]

    init(revision: String) { self.revision = revision }

    /// - Parameter request: that of the call: made of its candidate and its example.
    mutating func digest(of request: CompletionRequest, for call: PlannedCall) -> Digest {
        let frame = frame(of: request, candidate: call.candidateID)
        var text = JSONBytes(.canonical)
        text.raw("{\"repeat\":\(call.repeat),\"request\":{")
        text.append(frame.before)
        text.raw("\"messages\":")
        text.array(request.messages) { message, text in
            text.raw("{\"content\":")
            text.string(message.content)
            text.raw(",\"role\":\"\(message.role.rawValue)\"}")
        }
        text.append(frame.after)
        return Digest(of: text.bytes)
    }

    private mutating func frame(of request: CompletionRequest, candidate: CandidateID) -> Frame {
        if let known = frames[candidate] { return known }
        var before = JSONBytes(.canonical)
        if let adapter = request.adapter { before.raw("\"adapter\":\(CanonicalJSON.text(of: adapter)),") }
        if let choices = request.choices { before.raw("\"choices\":\(CanonicalJSON.text(of: choices)),") }
        before.raw("\"decoding\":\(CanonicalJSON.text(of: request.decoding)),")
        var after = JSONBytes(.canonical)
        after.raw(",\"model\":")
        after.string(request.model)
        after.raw("},\"revision\":")
        after.string(revision)
        after.raw("}")
        let frame = Frame(before: before, after: after)
        frames[candidate] = frame
        return frame
    }
}
