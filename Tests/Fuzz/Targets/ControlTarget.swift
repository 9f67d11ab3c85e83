import FledgeCore
import FledgeEngine
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import Synchronization

@testable import FledgeAPI
@testable import FledgeServer

/// A request to the control API, behind the reading of HTTP: the line says the door (`socket` or `network`), the method and
/// the path, and header fields and a body follow.
///
/// The daemon's own middleware and routes answer, in front of an API that holds two use cases and notes who asks.
enum ControlTarget {
    private static let api = RecordingAPI()
    private static let network = must("the network's settings") {
        try ControlServer.Network(host: "127.0.0.1", port: 0, token: RecordingAPI.settingsToken)
    }
    static let spoolFolder = NSTemporaryDirectory() + "fledge-fuzz-\(getpid())"
    private static let spool = must("a spool") {
        try awaited {
            try await SubmissionSpool(
                in: spoolFolder, limits: SubmissionLimits(fileBytes: 4096, requestBytes: 8192, files: 4))
        }
    }
    private static let socket = ControlRouter.make(
        api: api, door: .socket, probes: ControlProbes(), spool: spool, watchesClients: false
    ).buildResponder()
    private static let tcp = ControlRouter.make(
        api: api,
        door: .network(
            TokenBook(network: network, store: api), HostNames(listening: "127.0.0.1", others: ["fledge.test"])),
        probes: ControlProbes(), spool: spool, watchesClients: false
    ).buildResponder()
    /// One end of a pair: the kernel says who is at the other.
    private static let channel: any Channel = {
        var ends: [CInt] = [0, 0]
        expect(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0, "no pair of sockets")
        return must("a channel") {
            try ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).withConnectedSocket(ends[0]).wait()
        }
    }()

    static func run(_ bytes: [UInt8]) {
        let message = Message(bytes)
        let words = message.line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 3, let method = HTTPRequest.Method(rawValue: words[1]), words[2].hasPrefix("/") else {
            return
        }
        let isNetwork = words[0] == "network"
        guard isNetwork || words[0] == "socket" else { return }
        // What no reader of HTTP lets through.
        guard words[2].utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return }
        var head = HTTPRequest(method: method, scheme: "http", authority: nil, path: words[2])
        for (name, value) in message.fields {
            if name.lowercased() == "host" {
                head.authority = value
            } else if let name = HTTPField.Name(name) {
                head.headerFields.append(HTTPField(name: name, value: value))
            }
        }
        let request = Request(head: head, body: .init(buffer: ByteBuffer(bytes: message.body)))
        let (status, body) = answer(to: request, isNetwork: isNetwork)
        expect(status.code < 500, "status \(status.code)")
        if status.code >= 400 {
            let error = must("an error is told") { try JSONProfile.wire.value(FledgeError.self, from: Data(body)) }
            expectTelling(error)
        }
        check(api.takeCalls(), isNetwork: isNetwork, headers: message.fields.map(\.value))
    }

    /// Who acts is known from the kernel or a token, and reaches no further than that.
    private static func check(_ calls: [RecordingAPI.Call], isNetwork: Bool, headers: [String]) {
        let callers: [Caller] =
            isNetwork
            ? RecordingAPI.callers.filter { known in headers.contains { $0.contains(known.secret) } }.map(\.caller)
            : [Caller(name: LocalUser.actor(getuid()), grant: .everything, managesTokens: true)]
        if callers.isEmpty { expect(calls.isEmpty, "nobody has asked \(calls[0].what)") }
        for call in calls {
            let allowed = callers.filter { caller in
                let reaches = call.useCase.map { name in
                    caller.grant.reaches(name, owner: call.isNew ? "ada" : RecordingAPI.owners[name])
                }
                return caller.grant.scopes.contains(call.scope) && reaches ?? true
            }
            expect(!allowed.isEmpty, "\(callers.map(\.name)) has asked \(call.what) of \(call.useCase ?? "all")")
            guard let actor = call.actor else { continue }
            let isKnown = allowed.contains {
                actor == $0.name || call.isLabelling && actor.hasSuffix(" (entered by \($0.name))")
            }
            expect(isKnown, "\(actor) is none of \(callers.map(\.name))")
            expect(
                actor.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }, "an actor of two lines")
        }
    }

    // MARK: Asking

    private struct Collector: ResponseBodyWriter {
        let bytes: Mutexed

        mutating func write(_ buffer: ByteBuffer) async throws {
            bytes.value.withLock { $0 += Array(buffer.readableBytesView) }
        }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    private final class Mutexed: Sendable {
        let value = Mutex<[UInt8]>([])
    }

    private static func answer(to request: Request, isNetwork: Bool) -> (HTTPResponse.Status, [UInt8]) {
        let context = ControlContext(source: ApplicationRequestContextSource(channel: channel, logger: quiet))
        let body = Mutexed()
        let status = must("an answer to a request") {
            try awaited {
                let response = try await (isNetwork ? tcp : socket).respond(to: request, context: context)
                try await response.body.write(Collector(bytes: body))
                return response.status
            }
        }
        return (status, body.value.withLock { $0 })
    }

    private static let quiet = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
}
