import CurlClient
import Foundation
import ManagedProcess
import Testing

/// A model server that counts every call, answers with the last word of the question, and holds the calls beyond a number.
struct CountingModelServer {
    struct Count: Decodable, Equatable {
        /// Calls that came in, ever.
        var calls: Int
        /// Those of them with a body of their own.
        var distinct: Int
    }

    /// The base of its API.
    let base: String
    private let http = CurlClient()

    nonisolated(nonsending)
        static func with(_ body: (CountingModelServer) async throws -> Void) async throws
    {
        let process = try await ManagedProcess.start(Command("python3", ["-c", script]), bond: .leash)
        var lines = process.lines.makeAsyncIterator()
        let port = try #require(await lines.next())
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(CountingModelServer(base: "http://127.0.0.1:\(port)/v1")))
        } catch {
            outcome = .failure(error)
        }
        await process.terminate(grace: .seconds(5))
        try outcome.get()
    }

    private init(base: String) { self.base = base }

    /// Answers the first `number` calls; those after them wait, and so does whoever made them.
    nonisolated(nonsending)
        func answer(upTo number: Int) async throws
    { _ = try await send("POST", "/answer/\(number)") }

    nonisolated(nonsending)
        func count() async throws -> Count
    {
        try JSONDecoder().decode(Count.self, from: Data(try await send("GET", "/count")))
    }

    nonisolated(nonsending)
        private func send(_ method: String, _ path: String) async throws -> [UInt8]
    {
        let response = try await http.execute(
            HTTPRequest(method, base + path, headers: [:], body: [], timeout: .seconds(10)))
        #expect(response.status == 200)
        return response.body
    }

    private static let script = #"""
        import http.server, json, os, sys, threading
        changed, calls, bodies, allowed = threading.Condition(), 0, set(), 0
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *args): pass
            def reply(self, value):
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_GET(self):
                if self.path.endswith("/count"):
                    with changed: return self.reply({"calls": calls, "distinct": len(bodies)})
                self.reply({"data": [{"id": "counted", "owned_by": "vllm"}]})
            def do_POST(self):
                global calls, allowed
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if "/answer/" in self.path:
                    with changed:
                        allowed = int(self.path.rsplit("/", 1)[1])
                        changed.notify_all()
                    return self.reply({})
                with changed:
                    calls += 1
                    number = calls
                    bodies.add(body)
                    changed.wait_for(lambda: number <= allowed)
                word = json.loads(body)["messages"][-1]["content"].split()[-1]
                self.reply({"choices": [{"message": {"content": word}, "finish_reason": "stop"}],
                            "usage": {"prompt_tokens": 9, "completion_tokens": 1}})
        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64
            def handle_error(self, *args): pass
        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
        print(server.server_port, flush=True)
        server.serve_forever()
        """#
}
