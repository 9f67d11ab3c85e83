import Foundation
import ManagedProcess

/// An OpenTelemetry collector of one's own: takes OTLP over HTTP in JSON and keeps what it was sent.
package struct SpanCollector: Sendable {
    package struct Request: Sendable, Decodable {
        package let path: String
        package let type: String?
        package let key: String?
        package let body: String
    }

    package struct Span: Sendable {
        package let trace: String
        package let id: String
        package let parent: String?
        package let name: String
        package let kind: Int
        package let start: UInt64
        package let end: UInt64
        /// Values as text, whatever their type.
        package let attributes: [String: String]
        /// 2 for an error; nil when it was not set.
        package let status: Int?
        package let service: String?
    }

    package struct Malformed: Error {
        package let what: String
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` is to be.
    package let endpoint: String
    private let file: URL

    /// Runs the body with a collector that answers with these statuses, one after the other, then with the last.
    nonisolated(nonsending) package static func with<Value>(
        answering statuses: [Int] = [200], _ body: (SpanCollector) async throws -> Value
    ) async throws -> Value {
        try await TemporaryDirectory.with { folder in
            let file = URL(filePath: folder).appending(path: "requests")
            let process = try await ManagedProcess.start(
                Command("python3", ["-c", script, file.path()] + statuses.map(String.init)), bond: .leash)
            var lines = process.lines.makeAsyncIterator()
            let outcome: Result<Value, any Error>
            do {
                guard let port = await lines.next() else { throw Malformed(what: "the collector did not start") }
                outcome = .success(
                    try await body(SpanCollector(endpoint: "http://127.0.0.1:\(port)", file: file)))
            } catch {
                outcome = .failure(error)
            }
            await process.terminate(grace: .seconds(5))
            return try outcome.get()
        }
    }

    package func requests() throws -> [Request] {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
    }

    /// The spans of every request, in the order of their coming.
    package func spans() throws -> [Span] {
        try requests().flatMap { request -> [Span] in
            let whole = try JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any]
            guard let resources = whole?["resourceSpans"] as? [[String: Any]] else {
                throw Malformed(what: request.body)
            }
            return try resources.flatMap { resource -> [Span] in
                let attributes = Self.attributes((resource["resource"] as? [String: Any])?["attributes"])
                let scopes = resource["scopeSpans"] as? [[String: Any]] ?? []
                return try scopes.flatMap { $0["spans"] as? [[String: Any]] ?? [] }
                    .map { try Self.span($0, service: attributes["service.name"]) }
            }
        }
    }

    private static func span(_ fields: [String: Any], service: String?) throws -> Span {
        guard let trace = fields["traceId"] as? String, let id = fields["spanId"] as? String,
            let name = fields["name"] as? String, let kind = fields["kind"] as? Int,
            let start = (fields["startTimeUnixNano"] as? String).flatMap(UInt64.init),
            let end = (fields["endTimeUnixNano"] as? String).flatMap(UInt64.init),
            trace.wholeMatch(of: /[0-9a-f]{32}/) != nil, id.wholeMatch(of: /[0-9a-f]{16}/) != nil
        else { throw Malformed(what: "\(fields)") }
        return Span(
            trace: trace, id: id, parent: fields["parentSpanId"] as? String, name: name, kind: kind, start: start,
            end: end, attributes: attributes(fields["attributes"]),
            status: (fields["status"] as? [String: Any])?["code"] as? Int, service: service)
    }

    private static func attributes(_ list: Any?) -> [String: String] {
        var result: [String: String] = [:]
        for attribute in list as? [[String: Any]] ?? [] {
            guard let key = attribute["key"] as? String, let value = attribute["value"] as? [String: Any] else {
                continue
            }
            let first = value["stringValue"] ?? value["intValue"] ?? value["doubleValue"] ?? value["boolValue"]
            result[key] = first.map { "\($0)" } ?? "\(value)"
        }
        return result
    }

    private static let script = #"""
        import http.server, json, sys, threading
        path, statuses = sys.argv[1], [int(status) for status in sys.argv[2:]]
        lock = threading.Lock()
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *args): pass
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                with lock:
                    status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
                    with open(path, "a") as file:
                        file.write(json.dumps({"path": self.path, "type": self.headers.get("Content-Type"),
                                               "key": self.headers.get("api-key"), "body": body}) + "\n")
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """#
}
