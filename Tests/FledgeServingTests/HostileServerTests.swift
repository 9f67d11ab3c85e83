import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
import Logging
import Testing

@testable import FledgeServing
@testable import ManagedProcess

/// A package in the model server's environment that does what it wants as soon as Python starts, in the real sandbox.
@Suite("A model server that does what its packages want", .serialized)
struct HostileServerTests {
    private static let model = "smollm2-135m-instruct"

    /// A server whose environment holds nothing but the package; `body` gets it, its cache and what its log says.
    private func with(
        _ package: String, _ body: (LocalModelServer, URL, () -> String) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let cache = URL(filePath: directory + "/cache", directoryHint: .isDirectory)
            try PrivateFolder.make(cache.path + "/models")
            let served = "model-\(try #require(PackagedModels.digests[Self.model]).rawValue.prefix(16))-q8_0.gguf"
            try PrivateFile.write(Data("GGUF".utf8), to: cache.path + "/models/" + served)
            let python = try await PythonInterpreter.find()
            let key = PythonEnvironment.key(of: LocalServerStart.requirements, python)
            let environment = cache.appending(path: "python/server-\(key)", directoryHint: .isDirectory)
            try PrivateFolder.make(environment.deletingLastPathComponent().path)
            let made = try await Command(
                "/bin/sh",
                ["-c", "umask 077; exec \"$0\" -m venv --without-pip \"$1\"", python.path, environment.path]
            ).run(timeout: .seconds(120))
            try #require(made.exit.isSuccess, "\(made.errorOutput)")
            let libraries = environment.appending(path: "lib")
            let version = try #require(try FileManager.default.contentsOfDirectory(atPath: libraries.path).first)
            let packages = "\(libraries.path)/\(version)/site-packages"
            try PrivateFile.write(Data(package.utf8), to: packages + "/hostile.py")
            // Run by Python as it starts, before the server's own script.
            try PrivateFile.write(Data("import hostile\n".utf8), to: packages + "/hostile.pth")
            try PrivateFile.write(Data(), to: environment.path + "/.ready")
            var settings = LocalModelServer.Settings()
            settings.startTimeout = .seconds(60)
            settings.watch = .milliseconds(20)
            let server = LocalModelServer(
                model: Self.model, cache: cache, settings: settings, http: CurlClient(), logger: Logger(label: "test"))
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(
                    try await body(server, cache) {
                        (try? String(contentsOfFile: "\(cache.path)/server-\(Self.model).log", encoding: .utf8)) ?? ""
                    })
            } catch { outcome = .failure(error) }
            await server.shutdown()
            try outcome.get()
        }
    }

    @Test("it reads, writes and reaches nothing but what it serves, also where the daemon is root")
    func surroundings() async throws {
        let package = """
            import os, socket, sys
            if "--model" in sys.argv:
                seen, value = [], lambda name: sys.argv[sys.argv.index(name) + 1]
                def can(name, what):
                    try:
                        if what() is not False: seen.append(name)
                    except Exception: pass
                models = os.path.dirname(value("--served"))
                cache = os.path.dirname(models)
                if open(value("--served")).read() != "GGUF" or len(open(value("--key-file")).read()) != 64: seen.append("nothing")
                for path in ["/etc/shadow", "/etc/passwd", cache + "/secret", models + "/other.gguf", cache + "/../secret"]:
                    can("read " + path, lambda: open(path).read(1))
                for path in [value("--served"), value("--key-file"), sys.argv[0], "/usr/hostile", "/hostile", sys.prefix + "/x"]:
                    can("write " + path, lambda: open(path, "a").write("x"))
                can("more models", lambda: len(os.listdir(models)) > 1)
                can("processes", lambda: [x for x in os.listdir("/proc") if x.isdigit() and int(x) > 2] or False)
                can("root", lambda: 0 in [*os.getresuid(), *os.getresgid()] or False)
                for kind in [socket.AF_UNIX, socket.AF_NETLINK]: can(f"socket {kind}", lambda: socket.socket(kind))
                def connect():
                    with socket.create_server(("127.0.0.1", 0)) as own:
                        socket.create_connection(own.getsockname(), 5)
                can("connect", connect)
                print(f"seen: {seen}", file=sys.stderr, flush=True)
                os._exit(7)
            """
        try await with(package) { server, cache, log in
            for path in ["/secret", "/models/other.gguf", "/../secret"] {
                try PrivateFile.write(Data("secret".utf8), to: cache.path + path)
            }
            let error = await #expect(throws: FledgeError.self) { try await server.baseURL() }
            #expect(error?.code == "server.start_failed" && error?.message.contains("exit status 7") == true)
            #expect(log().contains("seen: []"), "\(log())")
            for path in ["/usr/hostile", "/hostile"] { #expect(unlink(path) != 0, "\(path)") }
            let left = try FileManager.default.contentsOfDirectory(atPath: cache.path)
                .filter { $0.hasPrefix(".server-") }
            #expect(left.isEmpty)
        }
    }

    @Test(
        "it can't have prompts and the key sent elsewhere, or other weights taken for its model's",
        arguments: [
            ("http://192.0.2.1:80", "sys.prefix + '/model.gguf'", nil),
            ("http://127.0.0.1:80@192.0.2.1", "sys.prefix + '/model.gguf'", nil),
            ("http://127.0.0.1:8080", "'/etc/shadow'", nil),
            ("http://127.0.0.1:8080", "sys.prefix + '/../../secret'", nil),
            ("http://127.0.0.1:8080", "sys.prefix + '/model.gguf'", "other"),
        ] as [(String, String, String?)])
    func announcement(address: String, path: String, weights: String?) async throws {
        let digest = try #require(weights.map { Digest(of: $0) } ?? PackagedModels.digests[Self.model])
        let package = """
            import json, os, sys, time
            if "--model" in sys.argv:
                print(json.dumps({
                    "event": "ready", "address": "\(address)", "model_path": \(path), "model_sha256": "\(digest)"}), flush=True)
                time.sleep(300)
            """
        try await with(package) { server, _, _ in
            let error = await #expect(throws: FledgeError.self) { try await server.baseURL() }
            #expect(error?.code == "server.start_failed")
            #expect(error?.message.contains("something else than where it is") == true)
        }
    }

    /// Says that it is ready, at its own port or at that of whoever else listens.
    private func listening(_ program: String, at port: String = "own.getsockname()[1]") throws -> String {
        let digest = try #require(PackagedModels.digests[Self.model])
        return """
            import json, os, socket, sys, threading, time
            if "--model" in sys.argv:
                own = socket.create_server(("127.0.0.1", 0))
                \(program)
                print(json.dumps({
                    "event": "ready", "address": f"http://127.0.0.1:{\(port)}", "model_path": sys.prefix + "/model.gguf",
                    "model_sha256": "\(digest)"}), flush=True)
                time.sleep(300)
            """
    }

    @Test(
        "it does not start where it listens for others than this machine, at another port, or not where it says",
        arguments: [
            (#"other = socket.create_server(("0.0.0.0", 0))"#, "own.getsockname()[1]", "listens at 0.0.0.0:"),
            (#"other = socket.create_server(("127.0.0.1", 0))"#, "own.getsockname()[1]", "listens at 127.0.0.1:"),
            ("own.close()", "1", "doesn't listen at 127.0.0.1:1"), ("pass", "1", "besides 127.0.0.1:1"),
        ])
    func ports(program: String, port: String, problem: String) async throws {
        try await with(try listening(program, at: port)) { server, _, _ in
            let error = await #expect(throws: FledgeError.self) { try await server.baseURL() }
            #expect(error?.code == "server.start_failed")
            #expect(error?.message.contains(problem) == true, "\(error?.message ?? "")")
        }
    }

    @Test("it is stopped when it listens for others later on")
    func laterPort() async throws {
        let program = """
            def later():
                    own.accept()
                    globals()["other"] = socket.create_server(("0.0.0.0", 0))
                threading.Thread(target=later).start()
            """
        try await with(try listening(program)) { server, _, _ in
            let base = try await server.baseURL()
            let process = try await server.processID()
            let port = try #require(URL(string: base)?.port)
            let knock = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])))"
            _ = try await Command("python3", ["-c", knock, "\(port)"]).run()
            let isGone = await eventually { kill(process, 0) != 0 }
            #expect(isGone)
        }
    }

    @Test("what it makes of the packaged model is one plain file of that name, or nothing is kept")
    func prepared() async throws {
        let package = """
            import os, sys
            if "--prepare" in sys.argv:
                folder = sys.argv[sys.argv.index("--prepare") + 1]
                os.symlink("/etc/passwd", folder + "/model-b179c9523d0e6a0f-q8_0.gguf")
                open(folder + "/own-0123456789ab-q8_0.gguf", "w").write("GGUF")
                os._exit(0)
            """
        try await with(package) { server, cache, _ in
            let models = cache.path + "/models"
            for name in try FileManager.default.contentsOfDirectory(atPath: models) {
                try FileManager.default.removeItem(atPath: "\(models)/\(name)")
            }
            let error = await #expect(throws: FledgeError.self) { try await server.baseURL() }
            #expect(error?.message.contains("could not be prepared") == true)
            let left = try FileManager.default.contentsOfDirectory(atPath: models).filter { !$0.hasSuffix(".lock") }
            #expect(left.isEmpty, "\(left)")
        }
    }
}
