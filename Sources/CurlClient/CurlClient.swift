import Synchronization

/// An HTTP/1.1 and HTTP/2 client over libcurl's multi interface.
///
/// Connections are kept and reused. Over TLS HTTP/2 is spoken where the server offers it. Proxies come from the
/// environment variables that libcurl reads itself when a transfer starts: `http_proxy`, `https_proxy`, `all_proxy` and
/// `no_proxy`. A request to this machine goes through none but one on this machine.
/// The client stops with its last reference.
package final class CurlClient: Sendable {
    package struct Configuration: Sendable {
        /// Connections that are kept open while idle. As many more are opened as requests are under way: none waits here.
        package var maximumConnections: Int
        package var authorities: CertificateAuthorities

        package init(
            maximumConnections: Int = 128, authorities: CertificateAuthorities = .current
        ) {
            self.maximumConnections = maximumConnections
            self.authorities = authorities
        }
    }

    private let loop: TransferLoop
    private let lastID = Atomic<UInt64>(0)

    package init(_ configuration: Configuration = Configuration()) {
        loop = TransferLoop(
            maximumConnections: configuration.maximumConnections,
            authorities: configuration.authorities)
    }

    deinit { loop.send(.close) }

    /// Sends the request and collects the whole answer, whatever its status.
    package func execute(_ request: HTTPRequest) async throws(CurlError) -> HTTPResponse {
        let id = lastID.add(1, ordering: .relaxed).newValue
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<HTTPResponse, CurlError>, Never>) in
                let collected = Collected()
                let sink = TransferSink(
                    piece: { piece in
                        collected.bytes.withLock { $0.append(contentsOf: piece) }
                        return true
                    },
                    finish: { result in
                        continuation.resume(
                            returning: result.map { summary in
                                HTTPResponse(
                                    head: summary.head, body: collected.bytes.withLock { $0 },
                                    exchangeTime: summary.exchangeTime)
                            })
                    })
                loop.send(.start(id, request, sink))
                // A handler that ran before the order above found nothing to cancel.
                if Task.isCancelled { loop.send(.cancel(id)) }
            }
        } onCancel: {
            loop.send(.cancel(id))
        }
        return try result.get()
    }

    /// Sends the request and returns once the head of the answer is there; the body follows as it arrives.
    package func stream(_ request: HTTPRequest) async throws(CurlError) -> (head: HTTPResponseHead, body: HTTPBody) {
        let id = lastID.add(1, ordering: .relaxed).newValue
        let loop = loop
        let channel = BodyChannel(resume: { loop.send(.resume(id)) }, cancel: { loop.send(.cancel(id)) })
        let opening = Opening()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<HTTPResponseHead, CurlError>, Never>) in
                opening.continuation.withLock { $0 = continuation }
                let sink = TransferSink(
                    head: { head in opening.resume(.success(head)) },
                    // Weak: a body that its reader let go is cancelled, not filled.
                    piece: { [weak channel] piece in channel?.offer(piece) ?? true },
                    finish: { [weak channel] result in
                        channel?.finish(result.map { _ in })
                        opening.resume(result.map(\.head))
                    })
                loop.send(.start(id, request, sink))
                if Task.isCancelled { loop.send(.cancel(id)) }
            }
        } onCancel: {
            loop.send(.cancel(id))
        }
        return (try result.get(), HTTPBody(channel: channel, client: self))
    }

    private final class Collected: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    /// The head is told once: when it comes, or with the failure that came instead.
    private final class Opening: Sendable {
        let continuation = Mutex<CheckedContinuation<Result<HTTPResponseHead, CurlError>, Never>?>(nil)

        func resume(_ result: Result<HTTPResponseHead, CurlError>) {
            let waiting = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            waiting?.resume(returning: result)
        }
    }
}
