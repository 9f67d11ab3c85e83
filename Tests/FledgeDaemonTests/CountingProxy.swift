import CurlClient
import Foundation
import ManagedProcess
import Testing

/// A forward proxy that notes every chat completion that passes: for a model server that the daemon starts itself.
struct CountingProxy {
    /// How often each question was asked: the messages of a request, a line a message.
    struct Calls: Decodable {
        var base: [String: Int]
        /// Asked with an adapter in effect.
        var adapted: [String: Int]
    }

    /// For `http_proxy`.
    let address: String
    private let http = CurlClient()

    nonisolated(nonsending)
        static func with(_ body: (CountingProxy) async throws -> Void) async throws
    {
        let process = try await ManagedProcess.start(Command("python3", ["-c", script]), bond: .leash)
        var lines = process.lines.makeAsyncIterator()
        let port = try #require(await lines.next())
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(CountingProxy(address: "http://127.0.0.1:\(port)")))
        } catch {
            outcome = .failure(error)
        }
        await process.terminate(grace: .seconds(5))
        try outcome.get()
    }

    private init(address: String) { self.address = address }

    nonisolated(nonsending)
        func calls() async throws -> Calls
    {
        let response = try await http.execute(HTTPRequest("GET", address + "/calls", timeout: .seconds(10)))
        return try JSONDecoder().decode(Calls.self, from: Data(response.body))
    }

    private static let script = #"""
        import collections, http.client, http.server, json, os, sys, threading, urllib.parse
        lock, base, adapted = threading.Lock(), collections.Counter(), collections.Counter()
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *args): pass
            def reply(self, status, kind, body):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path == "/calls":
                    with lock: counts = {"base": base, "adapted": adapted}
                    return self.reply(200, "application/json", json.dumps(counts).encode())
                target = urllib.parse.urlsplit(self.path)
                if target.path.endswith("/chat/completions"):
                    asked = json.loads(body)
                    kind = adapted if any(one["scale"] for one in asked.get("lora") or []) else base
                    with lock: kind["\n".join(one["content"] for one in asked["messages"])] += 1
                origin = http.client.HTTPConnection(target.netloc)
                fields = {name: value for name, value in self.headers.items()
                          if name.lower() not in ("connection", "proxy-connection", "content-length", "host")}
                origin.request(self.command, urllib.parse.urlunsplit(("", "", target.path, target.query, "")), body, fields)
                answer = origin.getresponse()
                self.reply(answer.status, answer.headers.get("Content-Type", "text/plain"), answer.read())
                origin.close()
            do_POST = do_GET
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
