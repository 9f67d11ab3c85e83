import CurlClient
import Synchronization
import Testing

@Suite("Bodies that are sent piece by piece")
struct UploadTests {
    private struct Unreadable: Error {}

    private let client = CurlClient()

    @Test("all of it arrives, in whatever pieces it is read", arguments: ["POST", "PUT"], [1000, 300_000])
    func whole(method: String, piece: Int) async throws {
        try await EchoServer.with { server in
            let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
            let place = Mutex(0)
            var request = HTTPRequest(method, server.address + "/echo")
            request.upload = HTTPUpload(byteCount: Int64(bytes.count)) { buffer in
                place.withLock { place in
                    let part = bytes[place...].prefix(min(piece, buffer.count))
                    buffer.copyBytes(from: part)
                    place += part.count
                    return part.count
                }
            }
            let response = try await client.execute(request)
            #expect(response.status == 200 && response.headers["x-method"] == method)
            #expect(response.body == bytes)
        }
    }

    @Test("one that can't be read to its end ends the exchange", arguments: [true, false])
    func unreadable(throwing: Bool) async throws {
        try await EchoServer.with { server in
            let isFirst = Atomic(true)
            var request = HTTPRequest("POST", server.address + "/echo")
            request.upload = HTTPUpload(byteCount: 1 << 20) { buffer in
                if isFirst.exchange(false, ordering: .relaxed) { return min(100, buffer.count) }
                if throwing { throw Unreadable() }
                return 0
            }
            let asked = request
            let error = await #expect(throws: CurlError.self) { try await client.execute(asked) }
            #expect(error?.code == .uploadFailed)
        }
    }
}
