import ManagedProcess

/// Another process that listens, at a port of 127.0.0.1 and at a Unix socket that everybody may connect to: what a program
/// in a sandbox must not reach.
package enum ForeignListener {
    package struct NotListening: Error {}

    /// Lends the port to the body.
    nonisolated(nonsending)
        package static func with(socket: String, _ body: (UInt16) async throws -> Void) async throws
    {
        let process = try await ManagedProcess.start(Command("python3", ["-c", script, socket]), bond: .leash)
        var lines = process.lines.makeAsyncIterator()
        let outcome: Result<Void, any Error>
        do {
            guard let port = await lines.next().flatMap({ UInt16($0) }) else { throw NotListening() }
            outcome = .success(try await body(port))
        } catch { outcome = .failure(error) }
        await process.terminate(grace: .seconds(5))
        try outcome.get()
    }

    private static let script = """
        import os, socket, sys
        tcp = socket.create_server(("127.0.0.1", 0))
        unix = socket.socket(socket.AF_UNIX)
        unix.bind(sys.argv[1])
        unix.listen()
        os.chmod(sys.argv[1], 0o777)
        print(tcp.getsockname()[1], flush=True)
        sys.stdin.read()
        """
}
