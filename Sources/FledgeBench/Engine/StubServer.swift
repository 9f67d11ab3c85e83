import FledgeCore
import FledgeTestKit
import Foundation
import Glibc
import ManagedProcess

/// nginx with one worker, giving every question the same answer: far faster than any client of it.
struct StubServer: Sendable {
    let port: Int

    var base: String { "http://127.0.0.1:\(port)/v1" }
    /// Where the answer is in the form of DSPy's chat adapter.
    var dspyBase: String { "http://127.0.0.1:\(port)/dspy/v1" }

    /// Runs the body beside the server. - Throws: `bench.no_stub` where nginx is not installed or does not start.
    nonisolated(nonsending) static func with<Value>(_ body: (StubServer) async throws -> Value) async throws -> Value {
        try await TemporaryDirectory.with { directory in
            let server = StubServer(port: try freePort())
            let file = directory + "/nginx.conf"
            try server.configuration(in: directory).write(toFile: file, atomically: true, encoding: .utf8)
            let process = try await ManagedProcess.start(
                Command(try nginx(), ["-c", file, "-g", "daemon off;"]),
                errorLog: URL(filePath: directory + "/start.log"))
            do {
                try await server.waitUntilReady(process, log: directory + "/start.log")
                let value = try await body(server)
                await process.terminate(grace: .seconds(2))
                return value
            } catch {
                await process.terminate(grace: .seconds(2))
                throw error
            }
        }
    }

    /// Requests a second as `wrk` counts them with one thread; nil where it is not installed.
    func wrkRate() async throws -> Double? {
        try await TemporaryDirectory.with { directory in
            let script = directory + "/post.lua"
            try """
            wrk.method = "POST"
            wrk.body = '{"messages":[{"content":"Message 17: where is my invoice?","role":"user"}],"model":"stub"}'
            wrk.headers["Content-Type"] = "application/json"
            """.write(toFile: script, atomically: true, encoding: .utf8)
            guard
                let result = try? await Command(
                    "wrk", ["-t1", "-c32", "-d3s", "-s", script, base + "/chat/completions"]
                ).run()
            else { return nil }
            let line = result.output.split(separator: "\n").first { $0.hasPrefix("Requests/sec:") }
            return line?.split(separator: " ").last.flatMap { Double($0) }
        }
    }

    private func waitUntilReady(_ process: ManagedProcess, log: String) async throws {
        for _ in 0..<200 {
            if let result = try? await Command("curl", ["-sf", base + "/models"]).run(), result.exit.isSuccess {
                return
            }
            if process.exit != nil { break }
            try await Task.sleep(for: .milliseconds(25))
        }
        let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw FledgeError("bench.no_stub", "nginx did not start: \(said.suffix(400))", exitCode: .unavailable)
    }

    private static func nginx() throws -> String {
        for path in ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"]
        where access(path, X_OK) == 0 { return path }
        throw FledgeError(
            "bench.no_stub", "nginx is not installed", hint: "Debian: apt install nginx-light wrk",
            exitCode: .unavailable)
    }

    /// A port that nobody had a moment ago.
    private static func freePort() throws -> Int {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw FledgeError("bench.no_stub", "no port is free", exitCode: .unavailable) }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private func configuration(in directory: String) -> String {
        func answer(_ content: String) -> String {
            #"{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"stub","choices":[{"index":0,"#
                + #""message":{"role":"assistant","content":"\#(content)"},"finish_reason":"stop"}],"#
                + #""usage":{"prompt_tokens":24,"completion_tokens":2,"total_tokens":26}}"#
        }
        let models = #"{"object":"list","data":[{"id":"stub","object":"model","owned_by":"vllm"}]}"#
        // In nginx's strings a backslash before another one is taken away.
        let labelled = #"[[ ## label ## ]]\\nbilling\\n\\n[[ ## completed ## ]]"#
        return """
            worker_processes 1;
            error_log \(directory)/error.log crit;
            pid \(directory)/pid;
            events { worker_connections 1024; }
            http {
                access_log off;
                keepalive_requests 100000000;
                client_body_temp_path \(directory)/body;
                proxy_temp_path \(directory)/proxy;
                fastcgi_temp_path \(directory)/fastcgi;
                uwsgi_temp_path \(directory)/uwsgi;
                scgi_temp_path \(directory)/scgi;
                default_type application/json;
                server {
                    listen 127.0.0.1:\(port);
                    location = /v1/models { return 200 '\(models)'; }
                    location = /v1/chat/completions { return 200 '\(answer("billing"))'; }
                    location = /dspy/v1/chat/completions { return 200 '\(answer(labelled))'; }
                }
            }
            """
    }
}
