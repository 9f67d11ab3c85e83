import FledgeAPI
import FledgeCore
import FledgeEngine
import Foundation
import Hummingbird

/// The body of a submission, read once from the front; no more of it is held than what came at a time.
struct SubmissionBody {
    private var pieces: RequestBody.AsyncIterator
    private var rest = ByteBuffer()

    init(_ body: RequestBody) { pieces = body.makeAsyncIterator() }

    /// - Throws: `request.malformed`, also where the line is longer than it may be.
    mutating func header() async throws -> SubmissionHeader {
        var line = Data()
        while true {
            let end = rest.readableBytesView.firstIndex(of: 0x0A).map { $0 - rest.readerIndex }
            line.append(contentsOf: rest.readSlice(length: end ?? rest.readableBytes)?.readableBytesView ?? .init())
            guard line.count < SubmissionHeader.maximumBytes else {
                throw Self.malformed("the definitions take more than \(SubmissionHeader.maximumBytes) bytes")
            }
            if end != nil { break }
            guard try await refill() else { throw Self.malformed("it ends before the definitions do") }
        }
        rest.moveReaderIndex(forwardBy: 1)
        do { return try JSONProfile.wire.value(SubmissionHeader.self, from: line) } catch {
            throw Self.malformed("its first line is not what this route takes")
        }
    }

    /// Passes the next bytes on as they come, and takes no more of them until that is done.
    ///
    /// - Throws: `request.malformed` where there are fewer.
    mutating func read(_ count: Int64, _ each: (ByteBuffer) async throws -> Void) async throws {
        var left = count
        while left > 0 {
            if rest.readableBytes == 0 {
                guard try await refill() else { throw Self.malformed("it ends before the data does") }
                continue
            }
            let length = min(Int(clamping: left), rest.readableBytes)
            if let piece = rest.readSlice(length: length) { try await each(piece) }
            left -= Int64(clamping: length)
        }
    }

    /// - Throws: `request.malformed` where anything is left.
    mutating func end() async throws {
        while rest.readableBytes == 0 {
            guard try await refill() else { return }
        }
        throw Self.malformed("it goes on behind the data")
    }

    /// - Returns: false at the end.
    private mutating func refill() async throws -> Bool {
        guard let next = try await pieces.next() else { return false }
        rest = next
        return true
    }

    private static func malformed(_ problem: String) -> FledgeError {
        FledgeError(
            "request.malformed", "the request's body is not a submission: \(problem)",
            hint: "check that fledge and fledged are of the same version")
    }
}
