import Foundation
import ManagedProcess
import Testing

/// A forward proxy of Python's standard library that leads every name to the given ports of this machine.
struct ProxyServer {
    /// Host and port.
    let address: String

    /// - Returns: what was asked of the proxy, a line a request: method, target and credentials.
    nonisolated(nonsending)
        static func with(
            plain: EchoServer, secure: EchoServer, _ body: (ProxyServer) async throws -> Void
        ) async throws -> [String]
    {
        let ports = try [plain, secure].map { String(try #require(URL(string: $0.address)?.port)) }
        let process = try await ManagedProcess.start(Command("python3", ["-c", script] + ports), bond: .leash)
        var lines = process.lines.makeAsyncIterator()
        let port = try #require(await lines.next())
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(ProxyServer(address: "127.0.0.1:\(port)"))) } catch {
            outcome = .failure(error)
        }
        await process.terminate(grace: .seconds(5))
        try outcome.get()
        var asked: [String] = []
        while let line = await lines.next() { asked.append(line) }
        return asked
    }

    private static let script = #"""
        import base64, http.client, http.server, os, select, socket, sys, threading, urllib.parse
        plain, secure = int(sys.argv[1]), int(sys.argv[2])
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *args): pass
            def note(self):
                given = (self.headers.get("Proxy-Authorization") or "Basic -").split()[1]
                name = base64.b64decode(given).decode() if given != "-" else "-"
                print(self.command, self.path, name, flush=True)
            def do_GET(self):
                self.note()
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                parts = urllib.parse.urlsplit(self.path)
                origin = http.client.HTTPConnection("127.0.0.1", plain)
                origin.request(self.command, parts.path, body, {"X-Sent": self.headers.get("X-Sent", "-")})
                answer = origin.getresponse()
                text = answer.read()
                self.send_response(answer.status)
                for name in ("X-Method", "X-Seen"): self.send_header(name, answer.headers.get(name, "-"))
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            do_POST = do_GET
            def do_CONNECT(self):
                self.note()
                self.close_connection = True
                if self.path.startswith("forbidden."):
                    self.send_response(403)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                with socket.create_connection(("127.0.0.1", secure)) as origin:
                    self.send_response(200)
                    self.end_headers()
                    other = {self.connection: origin, origin: self.connection}
                    while True:
                        for link in select.select(list(other), [], [])[0]:
                            data = link.recv(65536)
                            if not data: return
                            other[link].sendall(data)
        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 64
            def handle_error(self, *args): pass
        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
        print(server.server_port, flush=True)
        server.serve_forever()
        """#
}
