import Foundation
import Synchronization

/// A server of OpenAI's chat completions that misbehaves as it is told, each base address in its own way.
///
/// Rows are texts such as `t17`. A base address is `http://127.0.0.1:PORT/NAME/v1`, where the name is that of a session
/// that was opened, or else of a mode, which is then met from the first call on.
package final class FaultServer: Sendable {
    package let port: UInt16
    private let http: StubHTTPServer
    private let sessions: Sessions

    private final class Sessions: Sendable {
        let byName = Mutex<[String: FaultSession]>([:])
        let minute: Double
        let label: @Sendable (Int) -> String

        init(minute: Double, label: @escaping @Sendable (Int) -> String) {
            self.minute = minute
            self.label = label
        }

        func find(_ name: String) -> FaultSession? {
            byName.withLock { byName in
                if let session = byName[name] { return session }
                guard let mode = FaultMode.named(name) else { return nil }
                let session = FaultSession(name: name, mode: mode, place: .start, minute: minute, label: label)
                byName[name] = session
                return session
            }
        }
    }

    /// - Parameters:
    ///   - port: 0 for a free one.
    ///   - minute: seconds of what a limit calls a minute; shorter where the caller's clock is faster.
    ///   - label: the sound answer to a row; `a` for even numbers and `b` for odd ones unless said.
    package init(
        port: UInt16 = 0, minute: Double = 60,
        label: @escaping @Sendable (Int) -> String = { $0.isMultiple(of: 2) ? "a" : "b" }
    ) throws {
        let sessions = Sessions(minute: minute, label: label)
        self.sessions = sessions
        http = StubHTTPServer { request in
            let path = request.path.prefix { $0 != "?" && $0 != "#" }
            let parts = path.split(separator: "/").map(String.init)
            guard let name = parts.first, let session = sessions.find(name) else {
                return FaultReply.html(404, "404 Not Found").response(right: "")
            }
            switch (request.method, parts.dropFirst().joined(separator: "/")) {
            case ("GET", "v1/models"), ("GET", "models"): return session.models()
            case ("POST", "v1/chat/completions"), ("POST", "chat/completions"):
                guard let call = FaultCall(request.body) else {
                    return FaultReply.openAI(400, "We could not parse the JSON body of your request.").response(
                        right: "")
                }
                return session.respond(to: call)
            default: return FaultReply.html(404, "404 Not Found").response(right: "")
            }
        }
        self.port = try http.listen(port: port)
    }

    /// A base address of its own for one use case.
    package func open(_ name: String, _ mode: FaultMode, at place: FaultSession.Place) -> FaultSession {
        let session = FaultSession(name: name, mode: mode, place: place, minute: sessions.minute, label: sessions.label)
        sessions.byName.withLock { $0[name] = session }
        return session
    }

    package func base(of session: FaultSession) -> String { "http://127.0.0.1:\(port)/\(session.name)/v1" }

    package func close() { http.close() }
}
