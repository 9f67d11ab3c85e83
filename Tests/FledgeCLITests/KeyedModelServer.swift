import ManagedProcess
import Testing

/// A model server that answers rightly to the right key, and to any other with 401 and the key in its body.
struct KeyedModelServer {
    static let key = "right-key-of-the-tests"

    let process: ManagedProcess
    let base: String

    static func start() async throws -> KeyedModelServer {
        let process = try await ManagedProcess.start(Command("python3", ["-c", script, key]), bond: .leash)
        var lines = process.lines.makeAsyncIterator()
        let port = try #require(await lines.next(), "python3 did not start")
        return KeyedModelServer(process: process, base: "http://127.0.0.1:\(port)/v1")
    }

    func stop() async { await process.terminate(grace: .seconds(5)) }

    private static let script = #"""
        import http.server, json, os, sys, threading
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *args): pass
            def reply(self, status, value):
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def refused(self):
                given = self.headers.get("Authorization") or ""
                if given == "Bearer " + sys.argv[1]: return False
                self.reply(401, {"error": {"message": "no such key: " + given}})
                return True
            def do_GET(self):
                if not self.refused(): self.reply(200, {"data": [{"id": "tiny"}]})
            def do_POST(self):
                question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.refused(): return
                number = int(question["messages"][-1]["content"].strip()[1:])
                self.reply(200, {
                    "choices": [{"message": {"content": "ab"[number % 2]}, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 3, "completion_tokens": 1}})
        class Server(http.server.ThreadingHTTPServer):
            # With the usual 5, connections that come together are dropped, and tried again only after seconds.
            request_queue_size = 256
        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        os._exit(0)
        """#
}
