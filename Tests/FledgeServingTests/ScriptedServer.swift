import Foundation
import ManagedProcess
import Testing

/// A server that gives the scripted answers one after the other, then goes on with the last; it prints each request.
struct ScriptedServer {
    struct Seen: Decodable {
        var path: String
        var authorization: String?
        var apiKey: String?
        var body: String
    }

    let process: ManagedProcess
    let base: String

    /// Each step is a status with an optional body (JSON, or `page` for text) and fields, `cut` for a connection that ends at
    /// once, `without` for a parameter that is refused with the step's status and body as long as it is sent.
    ///
    /// - Parameter list: the step that answers for the list of models.
    static func with(
        _ steps: [String], ownedBy: String = "test", list: String = "{}", _ body: (ScriptedServer) async throws -> Void
    ) async throws -> [Seen] {
        let process = try await ManagedProcess.start(
            Command("python3", ["-c", script, ownedBy, list] + steps), bond: .leash)
        var lines = process.lines.makeAsyncIterator()
        let port = try #require(await lines.next())
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(ScriptedServer(process: process, base: "http://127.0.0.1:\(port)/v1")))
        } catch {
            outcome = .failure(error)
        }
        await process.terminate(grace: .seconds(5))
        try outcome.get()
        var seen: [Seen] = []
        while let line = await lines.next() {
            seen.append(try JSONDecoder().decode(Seen.self, from: Data(line.utf8)))
        }
        return seen
    }

    private static let script = #"""
        import http.server, json, os, socket, sys, threading
        owned_by, listed, steps = sys.argv[1], json.loads(sys.argv[2]), [json.loads(step) for step in sys.argv[3:]]
        lock = threading.Lock()
        answer = {"choices": [{"message": {"content": "fine"}, "finish_reason": "stop"}],
                  "usage": {"prompt_tokens": 7, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 5}}}
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *args): pass
            def reply(self, status, body, fields):
                self.send_response(status)
                for name, value in fields.items(): self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def step(self, step, default):
                text = step["page"] if "page" in step else json.dumps(step.get("body", default))
                self.reply(step.get("status", 200), text.encode(), step.get("fields", {}))
            def do_GET(self):
                self.step(listed, {"data": [{"id": "m", "owned_by": owned_by}]})
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                with lock:
                    step = steps.pop(0) if len(steps) > 1 else steps[0]
                    print(json.dumps({"path": self.path, "authorization": self.headers.get("Authorization"),
                                      "apiKey": self.headers.get("api-key"), "body": body}), flush=True)
                if step.get("cut"):
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                if step.get("hang"): threading.Event().wait()
                if "without" in step and step["without"] not in json.loads(body): step = {}
                self.step(step, answer)
        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            def handle_error(self, *args): pass
        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
        print(server.server_port, flush=True)
        server.serve_forever()
        """#
}
