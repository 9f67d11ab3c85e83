import Foundation
import ManagedProcess
import Testing

/// A server that speaks HTTP/2 and nothing else, by the `h2` package of Python, over TLS with ALPN.
struct HTTP2Server {
    let address: String

    private static let requirements = PythonEnvironment.Requirements(
        packages: "h2==4.4.1\nhpack==4.2.0\nhyperframe==6.1.0")

    nonisolated(nonsending)
        static func with(certificate: TestCertificate, _ body: (HTTP2Server) async throws -> Void) async throws
    {
        let caches = try #require(FileManager.default.urls(for: .cachesDirectory, in: .userDomainMask).first)
        let environment = try await PythonEnvironment.prepare(
            name: "http2", requirements: requirements, directory: caches.appending(path: "fledge-tests"))
        let process = try await ManagedProcess.start(
            environment.command(["-c", script, certificate.file, certificate.key]), bond: .leash)
        var lines = process.lines.makeAsyncIterator()
        let port = try #require(await lines.next())
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(HTTP2Server(address: "https://127.0.0.1:\(port)")))
        } catch {
            outcome = .failure(error)
        }
        await process.terminate(grace: .seconds(5))
        try outcome.get()
    }

    /// `/echo` gives the body back; `/together/N` answers once N such requests are open on one connection.
    private static let script = #"""
        import os, socket, ssl, sys, threading
        from h2.config import H2Configuration
        from h2.connection import H2Connection
        from h2.events import DataReceived, RequestReceived, StreamEnded

        def serve(plain, number):
            with context.wrap_socket(plain, server_side=True) as link:
                h2 = H2Connection(H2Configuration(client_side=False))
                h2.initiate_connection()
                link.sendall(h2.data_to_send())
                paths, bodies, waiting = {}, {}, []
                def answer(stream):
                    body = bodies[stream]
                    h2.send_headers(stream, [(":status", "200"), ("x-connection", str(number)),
                        ("x-alpn", link.selected_alpn_protocol() or "-"), ("content-length", str(len(body)))])
                    h2.send_data(stream, body, end_stream=True)
                while data := link.recv(65536):
                    for event in h2.receive_data(data):
                        if isinstance(event, RequestReceived):
                            paths[event.stream_id] = dict(event.headers)[b":path"].decode()
                            bodies[event.stream_id] = b""
                        elif isinstance(event, DataReceived):
                            bodies[event.stream_id] += event.data
                            h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                        elif isinstance(event, StreamEnded):
                            path = paths[event.stream_id]
                            if not path.startswith("/together/"):
                                answer(event.stream_id)
                                continue
                            waiting.append(event.stream_id)
                            if len(waiting) == int(path.rsplit("/", 1)[1]):
                                for stream in waiting: answer(stream)
                                waiting = []
                    link.sendall(h2.data_to_send())

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        context.set_alpn_protocols(["h2"])
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
        print(listener.getsockname()[1], flush=True)
        number = 0
        while True:
            link, _ = listener.accept()
            number += 1
            threading.Thread(target=serve, args=(link, number), daemon=True).start()
        """#
}
