import Foundation
import ManagedProcess
import Testing

/// A small HTTP server of Python's standard library, on an ephemeral port or a Unix socket.
struct EchoServer {
    let process: ManagedProcess
    /// The base address; with a Unix socket its host is a stand-in.
    let address: String
    let socket: String?

    /// - Parameter certificate: what to speak TLS with; nil for none.
    nonisolated(nonsending)
        static func with(
            socket: String? = nil, certificate: TestCertificate? = nil, _ body: (EchoServer) async throws -> Void
        ) async throws
    {
        let process = try await ManagedProcess.start(
            Command("python3", ["-c", script, socket ?? "", certificate?.file ?? "", certificate?.key ?? ""]),
            bond: .leash)
        var lines = process.lines.makeAsyncIterator()
        let port = try #require(await lines.next())
        let server = EchoServer(
            process: process,
            address: socket == nil
                ? "\(certificate == nil ? "http" : "https")://127.0.0.1:\(port)" : "http://localhost", socket: socket)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(server)) } catch { outcome = .failure(error) }
        await process.terminate(grace: .seconds(5))
        try outcome.get()
    }

    private static let script = #"""
        import http.server, os, socket, socketserver, ssl, sys, threading, time

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            connections = 0
            has_waiting = threading.Event()
            def setup(self):
                super().setup()
                Handler.connections += 1
            def address_string(self): return "test"
            def log_message(self, *args): pass
            def reply(self, status, body, headers=()):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                for name, value in headers: self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD": self.wfile.write(body)
            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path == "/echo":
                    self.reply(200, body, [("X-Method", self.command), ("X-Seen", self.headers.get("X-Sent", "-"))])
                elif self.path == "/connections":
                    self.reply(200, str(Handler.connections).encode())
                elif self.path == "/never":
                    Handler.has_waiting.set()
                    threading.Event().wait()
                elif self.path == "/waiting":
                    Handler.has_waiting.wait()
                    self.reply(200, b"")
                elif self.path == "/cut":
                    self.send_response(200)
                    self.send_header("Content-Length", "100")
                    self.end_headers()
                    self.wfile.write(b"half")
                    self.wfile.flush()
                    self.connection.shutdown(socket.SHUT_RDWR)
                elif self.path.startswith("/bytes/"):
                    self.send_response(200)
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    left, number = int(self.path[7:]), 0
                    while left:
                        piece = min(left, 65536)
                        self.wfile.write(b"%x\r\n" % piece + bytes([number % 251]) * piece + b"\r\n")
                        left, number = left - piece, number + 1
                    self.wfile.write(b"0\r\n\r\n")
                elif self.path.startswith("/status/"):
                    self.reply(int(self.path[8:]), b"said so", [("Retry-After", "3")])
            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 64
            def handle_error(self, *args): pass
        class UnixServer(Server):
            address_family = socket.AF_UNIX
            def server_bind(self):
                socketserver.TCPServer.server_bind(self)
                self.server_name, self.server_port = "localhost", 0
            def get_request(self):
                connection, _ = self.socket.accept()
                return connection, ("local", 0)

        server = UnixServer(sys.argv[1], Handler) if sys.argv[1] else Server(("127.0.0.1", 0), Handler)
        if sys.argv[2]:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[2], sys.argv[3])
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
        print(server.server_port, flush=True)
        server.serve_forever()
        """#
}
