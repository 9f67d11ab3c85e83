import CurlClient
import FledgeAPI
import FledgeClient
import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
import Synchronization
import Testing

@Suite("Definitions that are sent with their data", .timeLimit(.minutes(5)))
struct SubmissionTests {
    /// What came, with the files' bytes and rights, looked at while it was there.
    private final class Received: Sendable {
        struct File: Hashable, Sendable {
            var digest: Digest
            var mode: Int
            var folderMode: Int
        }

        let submissions = Mutex<[Submission]>([])
        let files = Mutex<[[String: File]]>([])

        private func mode(_ path: String) throws -> Int {
            let facts = try FileManager.default.attributesOfItem(atPath: path)
            return try #require((facts[.posixPermissions] as? NSNumber)?.intValue)
        }

        func note(_ submission: Submission) throws {
            var found: [String: File] = [:]
            for case (let path, .spooled(let place)) in submission.sent ?? [:] {
                found[path] = File(
                    digest: Digest(of: [UInt8](try Data(contentsOf: URL(filePath: place)))), mode: try mode(place),
                    folderMode: try mode((place as NSString).deletingLastPathComponent))
            }
            let all = found
            submissions.withLock { $0.append(submission) }
            files.withLock { $0.append(all) }
        }
    }

    @Test("over TCP with a token the same arrives as over the socket, closed to others, and nothing is left of it")
    func doors() async throws {
        let received = Received()
        try await SubmissionDoors.run(onSubmission: { try received.note($0) }) { doors in
            let bytes = Data((0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
            try doors.write(bytes)
            try doors.write(Data(), to: "empty.csv")
            let definitions = [
                doors.definition("one"), doors.definition("two"), doors.definition("three", data: "empty.csv"),
                doors.definition("four", data: "none.csv"),
            ]
            for client in [doors.overSocket, doors.overNetwork] {
                #expect(try await client.plan(Submission(definitions)).map(\.name) == ["one", "two", "three", "four"])
                #expect(try await client.apply(Submission(definitions)).count == 4)
                #expect(doors.spooled == [])
            }
            let file = Received.File(digest: Digest(of: [UInt8](bytes)), mode: 0o600, folderMode: 0o700)
            let empty = Received.File(digest: Digest(of: [UInt8]()), mode: 0o600, folderMode: 0o700)
            let expected = [doors.folder + "/rows.jsonl": file, doors.folder + "/empty.csv": empty]
            #expect(received.files.withLock { $0 } == Array(repeating: expected, count: 4))
            for submission in received.submissions.withLock({ $0 }) {
                guard case .failed(let error)? = submission.sent?[doors.folder + "/none.csv"] else {
                    Issue.record("a file that there is not has come")
                    continue
                }
                #expect(error.code == "data.missing" && error.place == doors.folder + "/none.csv")
                #expect(submission.definitions.allSatisfy { $0.actor == submission.definitions[0].actor })
            }
            let actors = received.submissions.withLock { $0.map { $0.definitions[0].actor } }
            #expect(actors == [LocalUser.actor, LocalUser.actor, "token:settings", "token:settings"])
        }
    }

    @Test("what it answers while it fails leaves nothing behind either")
    func failure() async throws {
        try await SubmissionDoors.run(onSubmission: { _ in throw FledgeError("data.empty", "no rows") }) { doors in
            try doors.write(Data("{}".utf8))
            for client in [doors.overSocket, doors.overNetwork] {
                let error = await #expect(throws: FledgeError.self) {
                    try await client.apply(Submission([doors.definition("one")]))
                }
                #expect(error?.code == "data.empty")
                #expect(doors.spooled == [])
            }
        }
    }

    /// A request that is refused: for the paths that its definition says, the files that it brings, and bytes behind them.
    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var named: String? = "/data/rows.jsonl"
        var files: [SubmissionHeader.File]
        var bytes = 4
        var code: FledgeError.Code
    }

    private static func file(_ path: String, _ count: Int64 = 4) -> SubmissionHeader.File {
        .init(path: path, byteCount: count)
    }

    private static let bad: FledgeError.Code = "request.bad_file"

    private static let dishonest: [Refused] =
        [
            "../rows.jsonl", "/data/../rows.jsonl", "/data/..", "rows.jsonl", "", "/", "//rows.jsonl",
            "/data/./rows.jsonl",
            "/data/rows\u{0}.jsonl", "/data/rows\n.jsonl", "/" + String(repeating: "a", count: 5000),
        ].map { path in
            Refused(
                testDescription: "path \(path.debugDescription.prefix(30))", named: path, files: [file(path)], code: bad
            )
        } + [
            Refused(
                testDescription: "twice", files: [file("/data/rows.jsonl"), file("/data/rows.jsonl")], bytes: 8,
                code: bad),
            Refused(testDescription: "named by none", files: [file("/etc/passwd")], code: bad),
            Refused(testDescription: "named by nothing", named: nil, files: [file("/data/rows.jsonl")], code: bad),
            Refused(testDescription: "length below zero", files: [file("/data/rows.jsonl", -1)], code: bad),
            Refused(
                testDescription: "a problem with bytes",
                files: [.init(path: "/data/rows.jsonl", byteCount: 4, problem: FledgeError("data.missing", "m"))],
                code: bad),
            Refused(
                testDescription: "too long a file", files: [file("/data/rows.jsonl", (4 << 20) + 1)],
                code: "data.too_large"),
            Refused(
                testDescription: "as long as can be", files: [file("/data/rows.jsonl", .max)], code: "data.too_large"),
            Refused(
                testDescription: "too many", files: (0..<4).map { file("/data/\($0)") }, code: "request.too_many_files"),
            Refused(
                testDescription: "fewer bytes", files: [file("/data/rows.jsonl")], bytes: 3, code: "request.malformed"),
            Refused(
                testDescription: "more bytes", files: [file("/data/rows.jsonl")], bytes: 5, code: "request.malformed"),
        ]

    @Test("what is no honest set of files is refused before anything is made of it", arguments: dishonest)
    func refused(_ refused: Refused) async throws {
        let received = Received()
        try await SubmissionDoors.run(onSubmission: { try received.note($0) }) { doors in
            var definition = SubmissionDoors.definition("one", in: "/data")
            definition.dataPath = refused.named
            let header = SubmissionHeader(definitions: [definition], files: refused.files)
            let error = try await doors.send(header, Array(repeating: 0x7B, count: refused.bytes))
            #expect(error?.code == refused.code)
            #expect(received.submissions.withLock { $0.isEmpty })
            #expect(doors.spooled == [])
        }
    }

    @Test("all files of a request together have a limit")
    func together() async throws {
        try await SubmissionDoors.run { doors in
            for name in ["a.csv", "b.csv"] { try doors.write(Data(count: 4 << 20), to: name) }
            let definitions = ["a", "b"].map { doors.definition($0, data: "\($0).csv") }
            _ = try await doors.overSocket.apply(Submission([definitions[0]]))
            let error = await #expect(throws: FledgeError.self) {
                try await doors.overSocket.apply(Submission(definitions))
            }
            #expect(error?.code == "request.too_large" && error?.message.contains("6291456") == true)
            #expect(doors.spooled == [])
        }
    }

    @Test("a request that says it is too long is refused before a byte of it comes")
    func announced() async throws {
        try await SubmissionDoors.run { doors in
            let connection = doors.connection(sending: SubmissionDoors.head(length: 1 << 40))
            defer { close(connection) }
            let said = await Self.answer(connection)
            #expect(said.hasPrefix("HTTP/1.1 400") && said.contains("request.too_large"), "\(said)")
            #expect(doors.spooled == [])
        }
    }

    /// What comes up to the end of an object, waited for on a thread of its own.
    private static func answer(_ connection: Int32) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var all: [UInt8] = []
                var bytes = [UInt8](repeating: 0, count: 4096)
                while !all.contains(0x7D) {
                    let count = recv(connection, &bytes, bytes.count, 0)
                    guard count > 0 else { break }
                    all += bytes.prefix(count)
                }
                continuation.resume(returning: String(decoding: all, as: UTF8.self))
            }
        }
    }

    @Test("of a client that goes away while it sends, nothing is left and nothing is planned")
    func departure() async throws {
        let received = Received()
        try await SubmissionDoors.run(onSubmission: { try received.note($0) }) { doors in
            var definition = SubmissionDoors.definition("one", in: "/data")
            definition.dataPath = "/data/rows.jsonl"
            let line = [UInt8](
                try SubmissionHeader(definitions: [definition], files: [Self.file("/data/rows.jsonl", 4 << 20)]).line())
            let connection = doors.connection(
                sending: SubmissionDoors.head(length: Int64(line.count) + 4 << 20),
                line + [UInt8](repeating: 0x7B, count: 1 << 20))
            // What has come is on the disk, and not held until the rest is there.
            let hasBegun = await eventually { Self.spooledBytes(doors) >= 512 << 10 }
            #expect(hasBegun)
            close(connection)
            #expect(await eventually { doors.spooled == [] })
            #expect(received.submissions.withLock { $0.isEmpty })
        }
    }

    /// How long the files of requests are so far.
    private static func spooledBytes(_ doors: SubmissionDoors) -> Int {
        guard let files = FileManager.default.enumerator(atPath: doors.uploads) else { return 0 }
        var bytes = 0
        for case let path as String in files where path.hasSuffix("/0") {
            let facts = try? FileManager.default.attributesOfItem(atPath: "\(doors.uploads)/\(path)")
            bytes += (facts?[.size] as? NSNumber)?.intValue ?? 0
        }
        return bytes
    }

    @Test(
        "a client that goes away ends the check of its data, or the replay that it has asked for",
        arguments: [true, false], ["apply", "replay"])
    func cancellation(overSocket: Bool, asked: String) async throws {
        let (began, beginning) = AsyncStream.makeStream(of: Void.self)
        let (ended, end) = AsyncStream.makeStream(of: Bool.self)
        let hold: @Sendable () async throws -> Void = {
            beginning.finish()
            // Ends with the task alone.
            let (never, kept) = AsyncStream.makeStream(of: Void.self)
            for await _ in never {}
            withExtendedLifetime(kept) {}
            end.yield(Task.isCancelled)
            end.finish()
            try Task.checkCancellation()
        }
        try await SubmissionDoors.run(onSubmission: { _ in try await hold() }, onReplay: hold) { doors in
            try doors.write(Data("{}".utf8))
            let client = overSocket ? doors.overSocket : doors.overNetwork
            let asking = Task {
                if asked == "apply" {
                    _ = try await client.apply(Submission([doors.definition("one")]))
                } else {
                    _ = try await client.replay(name: "one")
                }
            }
            for await _ in began {}
            asking.cancel()
            var wasCancelled: Bool?
            for await said in ended { wasCancelled = said }
            #expect(wasCancelled == true)
            await #expect(throws: CancellationError.self) { try await asking.value }
            #expect(await eventually { doors.spooled == [] })
        }
    }

    @Test("what may compute for long takes no body, and the next request of the connection is answered")
    func noBody() async throws {
        try await SubmissionDoors.run { doors in
            let request =
                "GET /v1/use-cases/one/replay HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                + "Authorization: Bearer \(SubmissionDoors.token)\r\n"
            let refused = doors.connection(sending: request + "Content-Length: 1\r\n\r\nx")
            defer { close(refused) }
            let said = await Self.answer(refused)
            #expect(said.hasPrefix("HTTP/1.1 400") && said.contains("takes no body"), "\(said)")
            let kept = doors.connection(sending: request + "\r\n")
            defer { close(kept) }
            #expect(await Self.answer(kept).hasPrefix("HTTP/1.1 200"))
            doors.send(request + "\r\n", over: kept)
            #expect(await Self.answer(kept).hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test("a fledge of before is told to be updated over TCP, and served to the daemon's own user over the socket")
    func outdated() async throws {
        let received = Received()
        try await SubmissionDoors.run(onSubmission: { try received.note($0) }) { doors in
            try doors.write(Data("{}".utf8))
            let body = [UInt8](try JSONProfile.wire.data(of: doors.definition("one")))
            func ask(_ request: HTTPRequest) async throws -> HTTPResponse {
                var request = request
                request.headers.append("Content-Type", "application/json")
                return try await CurlClient().execute(request)
            }
            for verb in ["plan", "apply"] {
                let network = try await ask(
                    HTTPRequest(
                        "POST", "http://127.0.0.1:\(doors.port)/v1/definitions/\(verb)",
                        headers: ["Authorization": "Bearer \(SubmissionDoors.token)"], body: body))
                let error = try JSONProfile.wire.value(FledgeError.self, from: Data(network.body))
                #expect(network.status == 400 && error.code == "definition.apply_outdated")
                #expect(error.hint?.contains("update fledge") == true)
            }
            #expect(received.submissions.withLock { $0.isEmpty })
            let socket = try await ask(
                HTTPRequest(
                    "POST", "http://localhost/v1/definitions/plan", body: body, unixSocketPath: doors.socket))
            // One answer, as it was, and the file is looked for where the definition says.
            #expect(socket.status == 200)
            #expect(try JSONProfile.wire.value(PlanResult.self, from: Data(socket.body)).name == "one")
            #expect(received.submissions.withLock { $0.map { $0.sent == nil } } == [true])
        }
    }
}
