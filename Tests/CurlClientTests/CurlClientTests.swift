import CurlClient
import Foundation
import Synchronization
import Testing

@Suite("The HTTP client")
struct CurlClientTests {
    private let client = CurlClient()

    @Test("a request's method, fields and body arrive, and so does the answer", arguments: ["POST", "PUT", "DELETE"])
    func roundTrip(method: String) async throws {
        try await EchoServer.with { server in
            let body = [UInt8]("grüße\0binary".utf8)
            let response = try await client.execute(
                HTTPRequest(method, server.address + "/echo", headers: ["X-Sent": "yes"], body: body))
            #expect(response.status == 200)
            #expect(response.body == body)
            #expect(response.headers["x-method"] == method)
            #expect(response.headers["X-SEEN"] == "yes")
            #expect(response.exchangeTime > .zero)
        }
    }

    @Test("a Unix socket is reached in place of the host")
    func unixSocket() async throws {
        let path = "/tmp/\(UUID().uuidString.prefix(8)).sock"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await EchoServer.with(socket: path) { server in
            let response = try await client.execute(
                HTTPRequest("POST", server.address + "/echo", body: [1, 2, 3], unixSocketPath: path))
            #expect(response.body == [1, 2, 3])
        }
    }

    @Test("connections are kept, and many requests run at the same time")
    func keepAlive() async throws {
        try await EchoServer.with { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        for number in 0..<25 {
                            let text = [UInt8]("\(worker)/\(number)".utf8)
                            let response = try await client.execute(
                                HTTPRequest("POST", server.address + "/echo", body: text))
                            #expect(response.body == text)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let count = try await client.execute(HTTPRequest("GET", server.address + "/connections")).body
            #expect(Int(String(decoding: count, as: UTF8.self)) ?? 99 <= 9)
        }
    }

    @Test("an error status is an answer", arguments: [204, 404, 429, 503])
    func statuses(status: Int) async throws {
        try await EchoServer.with { server in
            let response = try await client.execute(HTTPRequest("GET", server.address + "/status/\(status)"))
            #expect(response.status == status)
            #expect(response.headers["retry-after"] == "3")
        }
    }

    @Test("a body that is longer than allowed ends the exchange")
    func tooLarge() async throws {
        try await EchoServer.with { server in
            let error = await #expect(throws: CurlError.self) {
                try await client.execute(
                    HTTPRequest("GET", server.address + "/bytes/300000", maximumBodyBytes: 100_000))
            }
            #expect(error?.code == .tooLarge)
        }
    }

    @Test("an exchange ends in which nothing comes any more, however long it may take")
    func stalled() async throws {
        try await EchoServer.with { server in
            let error = await #expect(throws: CurlError.self) {
                var request = HTTPRequest("GET", server.address + "/never", timeout: nil)
                request.stallTimeout = .seconds(1)
                _ = try await client.execute(request)
            }
            #expect(error?.code == .timeout)
        }
    }

    @Test("a slow answer times out, a cut one is lost, and the client goes on")
    func slowAndCut() async throws {
        try await EchoServer.with { server in
            let slow = await #expect(throws: CurlError.self) {
                try await client.execute(HTTPRequest("GET", server.address + "/never", timeout: .milliseconds(100)))
            }
            #expect(slow?.code == .timeout)
            let cut = await #expect(throws: CurlError.self) {
                try await client.execute(HTTPRequest("GET", server.address + "/cut"))
            }
            #expect(cut?.code == .connectionLost)
            let next = try await client.execute(HTTPRequest("POST", server.address + "/echo", body: [7]))
            #expect(next.body == [7])
        }
    }

    @Test("a cancelled task takes its request back at once")
    func cancellation() async throws {
        try await EchoServer.with { server in
            let task = Task {
                try await client.execute(HTTPRequest("GET", server.address + "/never", timeout: nil))
            }
            // Answered once the other is there.
            let other = try await client.execute(HTTPRequest("GET", server.address + "/waiting"))
            #expect(other.status == 200)
            task.cancel()
            let error = await #expect(throws: CurlError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
    }

    @Test("nobody listening, an unknown name, a bad address and a bad field each have their code, and tell no secret")
    func failures() async throws {
        func code(_ request: HTTPRequest) async -> CurlError.Code? {
            let error = await #expect(throws: CurlError.self) { try await client.execute(request) }
            #expect(error?.description.contains("hunter2") == false)
            return error?.code
        }
        #expect(await code(HTTPRequest("GET", "http://me:hunter2@127.0.0.1:1/?key=hunter2")) == .connectionRefused)
        #expect(await code(HTTPRequest("GET", "http://me:hunter2@no-such-host.invalid/")) == .dns)
        #expect(await code(HTTPRequest("GET", "ftp://hunter2@localhost/")) == .badRequest)
        #expect(
            await code(HTTPRequest("GET", "http://127.0.0.1:1/", headers: ["Authorization": "hunter2\r\nX: y"]))
                == .badRequest)
    }

    @Test("a streamed body arrives whole while its reader is slow, and the sender is held back meanwhile")
    func streaming() async throws {
        try await EchoServer.with { server in
            let (head, body) = try await client.stream(HTTPRequest("GET", server.address + "/bytes/8000000"))
            #expect(head.status == 200)
            var count = 0
            var largest = 0
            for try await piece in body {
                count += piece.count
                largest = Swift.max(largest, piece.count)
                await Task.yield()
            }
            #expect(count == 8_000_000)
            #expect(largest <= 300 << 10)
        }
    }

    @Test("a reader that leaves early frees the connection for others")
    func leavesEarly() async throws {
        try await EchoServer.with { server in
            for _ in 0..<3 {
                let (_, body) = try await client.stream(HTTPRequest("GET", server.address + "/bytes/8000000"))
                for try await _ in body { break }
            }
            let next = try await client.execute(HTTPRequest("POST", server.address + "/echo", body: [7]))
            #expect(next.body == [7])
        }
    }

    @Test("a stream that is cut ends with an error, not as if it were whole")
    func streamCut() async throws {
        try await EchoServer.with { server in
            let error = await #expect(throws: CurlError.self) {
                let (_, body) = try await client.stream(HTTPRequest("GET", server.address + "/cut"))
                for try await _ in body {}
            }
            #expect(error?.code == .connectionLost)
        }
    }
}
