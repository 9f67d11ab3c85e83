import CurlClient
import FledgeAPI
import FledgeClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServer
import FledgeTestKit
import Foundation
import Glibc
import Logging
import ServiceLifecycle

/// A server that takes submissions, by its socket and by TCP, and keeps what came of them in memory.
struct SubmissionDoors: Sendable {
    static let token = String(repeating: "t", count: 32)
    static let limits = SubmissionLimits(fileBytes: 4 << 20, requestBytes: 6 << 20, files: 3)

    let folder: String
    let socket: String
    let port: Int
    let spool: SubmissionSpool

    var uploads: String { folder + "/uploads" }
    var overSocket: ControlClient { ControlClient(socket: socket) }
    var overNetwork: ControlClient { ControlClient(server: "http://127.0.0.1:\(port)", token: Self.token) }

    /// What lies in the folder of the spool's process, below folders of requests: paths relative to it.
    var spooled: [String] {
        let own = (try? FileManager.default.contentsOfDirectory(atPath: uploads)) ?? []
        return own.flatMap { (try? FileManager.default.subpathsOfDirectory(atPath: "\(uploads)/\($0)")) ?? ["?"] }
    }

    static func run(
        onSubmission: @escaping @Sendable (Submission) async throws -> Void = { _ in },
        onReplay: @escaping @Sendable () async throws -> Void = {},
        _ body: @escaping @Sendable (SubmissionDoors) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { folder in
            let (listening, continuation) = AsyncStream.makeStream(of: Int?.self)
            let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let spool = try await SubmissionSpool(in: folder + "/uploads", limits: limits)
            let server = ControlServer(
                api: MemoryControlAPI(onSubmission: onSubmission, onReplay: onReplay), socket: folder + "/s.sock",
                network: try ControlServer.Network(host: "127.0.0.1", port: 0, token: token), spool: spool,
                onListening: { continuation.yield(nil) }, onNetwork: { continuation.yield($0) }, logger: silent)
            let group = ServiceGroup(services: [server], logger: silent)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    defer { continuation.finish() }
                    try await group.run()
                }
                var ports: [Int?] = []
                for await port in listening {
                    ports.append(port)
                    if ports.count == 2 { break }
                }
                let outcome: Result<Void, any Error>
                do {
                    try await body(
                        SubmissionDoors(
                            folder: folder, socket: folder + "/s.sock", port: ports.compactMap(\.self).first ?? 0,
                            spool: spool))
                    outcome = .success(())
                } catch { outcome = .failure(error) }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                try outcome.get()
            }
        }
    }

    /// A definition of a name that reads a file of the folder.
    func definition(_ name: String, data: String = "rows.jsonl") -> ApplyRequest {
        Self.definition(name, data: data, in: folder)
    }

    static func definition(_ name: String, data: String = "rows.jsonl", in folder: String) -> ApplyRequest {
        let definition = UseCaseDefinition(
            name: name, purpose: "Test.", owner: "tests",
            dataset: DatasetDefinition(
                path: data, inputs: ["text"], expected: "label",
                split: SplitDefinition(prototype: 10, holdout: 10, seed: 1)))
        return ApplyRequest(
            document: DefinitionDocument(useCase: definition, sourceFile: "\(name).swift"), sourceText: "…",
            directory: folder, actor: "")
    }

    func write(_ bytes: Data, to name: String = "rows.jsonl") throws {
        try bytes.write(to: URL(filePath: "\(folder)/\(name)"))
    }

    /// Sends the header and the bytes behind it over TCP, as a client of no honesty might.
    func send(_ header: SubmissionHeader, _ data: [UInt8], to verb: String = "apply") async throws -> FledgeError? {
        let body = [UInt8](try header.line()) + data
        let answer = try await CurlClient().execute(
            HTTPRequest(
                "POST", "http://127.0.0.1:\(port)/v1/definitions/\(verb)",
                headers: ["Authorization": "Bearer \(Self.token)", "Content-Type": SubmissionHeader.contentType],
                body: body))
        return answer.status == 200 ? nil : try JSONProfile.wire.value(FledgeError.self, from: Data(answer.body))
    }

    /// A connection over TCP that has sent the text and the bytes, to be closed by the caller.
    func connection(sending text: String, _ bytes: [UInt8] = []) -> Int32 {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        send(text, bytes, over: descriptor)
        return descriptor
    }

    /// Sends the text and the bytes over a connection.
    func send(_ text: String, _ bytes: [UInt8] = [], over descriptor: Int32) {
        let all = Array(text.utf8) + bytes
        var start = 0
        while start < all.count {
            let count = all.withUnsafeBytes { buffer in
                Glibc.send(
                    descriptor, buffer.baseAddress.map { $0 + start }, all.count - start, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            start += count
        }
    }

    /// The head of a request over TCP.
    static func head(length: Int64) -> String {
        "POST /v1/definitions/apply HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(token)\r\n"
            + "Content-Type: \(SubmissionHeader.contentType)\r\nContent-Length: \(length)\r\n\r\n"
    }
}
