import FledgeCore

/// The next planned calls of an experiment with their requests and hashes, as many as fit into memory together.
struct CallChunk: Sendable {
    /// Requests are made for so many calls at once: all those of a large experiment would not fit into memory.
    private static let most = 8192
    /// Nor are more requests made at once whose messages have so many bytes.
    private static let mostBytes = 64 << 20

    /// All three have one element for each call, in the order of the plan.
    private(set) var calls: [PlannedCall] = []
    private(set) var requests: [CompletionRequest] = []
    private(set) var digests: [Digest] = []

    /// - Parameter planned: what is left of the plan; not empty.
    /// - Throws: `CancellationError`: long prompts take their time, and whoever cancels the work does not wait for thousands
    ///   of them.
    init(of planned: ArraySlice<PlannedCall>, _ keys: inout RequestKeys) throws(CancellationError) {
        var bytes = 0
        for call in planned.prefix(Self.most) where bytes < Self.mostBytes {
            if Task.isCancelled { throw CancellationError() }
            let request = CompletionRequest(asking: call.candidate, about: call.example)
            bytes += request.messages.reduce(0) { $0 + $1.content.utf8.count }
            calls.append(call)
            requests.append(request)
            digests.append(keys.digest(of: request, for: call))
        }
    }
}
