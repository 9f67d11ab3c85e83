import Synchronization

/// The pieces of a body as they arrive, for one reader.
///
/// The sender is held back while the reader is behind by more than a quarter of a megabyte.
package struct HTTPBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = any Error

    let channel: BodyChannel
    /// Keeps the client, and with it the transfer, while somebody reads.
    let client: CurlClient

    package struct AsyncIterator: AsyncIteratorProtocol {
        let channel: BodyChannel
        let client: CurlClient

        package mutating func next() async throws -> [UInt8]? { try await channel.next() }
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(channel: channel, client: client) }
}

/// Between the transfer's thread, which may not wait, and one reader, which may.
final class BodyChannel: Sendable {
    private struct State {
        var pieces: [[UInt8]] = []
        var bytes = 0
        var isPaused = false
        var end: Result<Void, CurlError>?
        var reader: CheckedContinuation<[UInt8]?, any Error>?
    }

    private static let highWater = 256 << 10
    private let state = Mutex(State())
    private let resumeTransfer: @Sendable () -> Void
    private let cancelTransfer: @Sendable () -> Void

    init(resume: @escaping @Sendable () -> Void, cancel: @escaping @Sendable () -> Void) {
        resumeTransfer = resume
        cancelTransfer = cancel
    }

    /// A body that nobody holds any more is not worth receiving.
    deinit { cancelTransfer() }

    /// Takes a piece, or says false: then libcurl keeps it and gives it again once the transfer is resumed.
    func offer(_ piece: UnsafeRawBufferPointer) -> Bool {
        let (isTaken, reader) = state.withLock { state -> (Bool, CheckedContinuation<[UInt8]?, any Error>?) in
            if let reader = state.reader {
                state.reader = nil
                return (true, reader)
            }
            if state.bytes >= Self.highWater {
                state.isPaused = true
                return (false, nil)
            }
            state.pieces.append([UInt8](piece))
            state.bytes += piece.count
            return (true, nil)
        }
        reader?.resume(returning: [UInt8](piece))
        return isTaken
    }

    func finish(_ end: Result<Void, CurlError>) {
        let reader = state.withLock { state in
            state.end = state.end ?? end
            defer { state.reader = nil }
            return state.reader
        }
        guard let reader else { return }
        switch end {
        case .success: reader.resume(returning: nil)
        case .failure(let error): reader.resume(throwing: error)
        }
    }

    func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enum Step { case wait, piece([UInt8], resumes: Bool), end(Result<Void, CurlError>) }
                let step = state.withLock { state -> Step in
                    if !state.pieces.isEmpty {
                        let all = state.pieces.count == 1 ? state.pieces[0] : Array(state.pieces.joined())
                        state.pieces = []
                        state.bytes = 0
                        defer { state.isPaused = false }
                        return .piece(all, resumes: state.isPaused)
                    }
                    if let end = state.end { return .end(end) }
                    state.reader = continuation
                    return .wait
                }
                switch step {
                case .wait: break
                case .piece(let bytes, let resumes):
                    if resumes { resumeTransfer() }
                    continuation.resume(returning: bytes)
                case .end(.success): continuation.resume(returning: nil)
                case .end(.failure(let error)): continuation.resume(throwing: error)
                }
                if Task.isCancelled { cancelTransfer() }
            }
        } onCancel: {
            cancelTransfer()
        }
    }
}
