import Foundation
import Glibc
import Synchronization
import Testing

@testable import ManagedProcess

@Suite("Links that lead out of what a sandbox shows", .serialized)
struct SandboxLinksTests {
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let made = "/tmp/fledge-\(UUID().uuidString.prefix(8))"
        try PrivateFolder.make(made)
        defer { try? FileManager.default.removeItem(atPath: made) }
        try await body(made)
    }

    private func make(_ files: [String], _ links: [(String, String)], in folder: String) throws {
        for file in files {
            let path = URL(filePath: "\(folder)/\(file)")
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("x".utf8).write(to: path)
        }
        for (link, target) in links { #expect(symlink(target, "\(folder)/\(link)") == 0) }
    }

    @Test("a folder of libraries is shown with what links in it lead to, at the places where they lead to")
    func libraries() async throws {
        try await withFolder { folder in
            try make(
                ["own/lib/a.so", "own/lib/deep/b", "store/one.so", "store/more/two.so", "far/three", "unasked/four"],
                [
                    // In the folder itself, to a file, to a folder whose own link leads on, and to nothing.
                    ("own/lib/same.so", "a.so"), ("own/lib/one.so", "\(folder)/store/one.so"),
                    ("own/lib/deep/more", "../../../store/more"), ("store/more/on", "../../far/three"),
                    ("own/lib/none.so", "\(folder)/none"),
                    // To the system's, to what the folder lies in, and to what shows more than libraries.
                    ("own/lib/c.so", "/usr/lib/c.so"), ("own/lib/up", "../.."), ("own/lib/root", "/"),
                    ("own/lib/temporary", "/tmp"), ("alias", "own"),
                ], in: folder)
            func paths(_ places: [Sandbox.Place]) -> Set<String> { Set(places.map { "\($0.path) \($0.source)" }) }
            func same(_ names: String...) -> Set<String> { Set(names.map { "\(folder)/\($0) \(folder)/\($0)" }) }
            #expect(
                paths(Sandbox.Place.libraries(folder + "/own/lib", isDeep: true))
                    == same("own/lib", "store/one.so", "store/more", "far/three"))
            #expect(
                paths(Sandbox.Place.libraries(folder + "/own/lib", isDeep: false))
                    == same("own/lib", "store/one.so"))
            // By another name: what is beside it is looked for by that name.
            #expect(
                paths(Sandbox.Place.libraries(folder + "/alias/lib", isDeep: true))
                    == same("alias/lib", "store/one.so", "store/more", "far/three"))
            #expect(Sandbox.Place.libraries(folder + "/none", isDeep: true).isEmpty)
            #expect(Sandbox.Place.libraries("/usr/lib", isDeep: false).isEmpty)
        }
    }

    @Test("an interpreter is shown at the name that it is called by, behind links of folders")
    func followed() async throws {
        try await withFolder { folder in
            try make(
                ["store/bin/python3.1"],
                [
                    ("store/bin/python", "python3.1"), ("alias", "store"), ("python", "alias/bin/../bin/python"),
                    ("deep", "store/bin"), ("store/up", "bin/python"),
                ], in: folder)
            func paths(_ path: String) -> [String] {
                Sandbox.Place.followed("\(folder)/\(path)").map { String($0.path.dropFirst(folder.count + 1)) }
            }
            #expect(paths("python") == ["python", "alias/bin/python", "alias/bin/python3.1"])
            #expect(paths("alias/up") == ["alias/up", "alias/bin/python", "alias/bin/python3.1"])
            #expect(paths("deep/python3.1") == ["deep/python3.1"])
            // By name it would be beside the link, and it lies beside what that leads to.
            #expect(symlink("../up", folder + "/store/bin/again") == 0)
            let last = try #require(Sandbox.Place.followed(folder + "/deep/again").last)
            #expect(last.path == folder + "/bin/python3.1" && last.source == folder + "/store/bin/python3.1")
        }
    }

    @Test("Python runs in the sandbox though its folder is a link and its library lies elsewhere")
    func elsewhere() async throws {
        try await withFolder { folder in
            let script = """
                import os, shutil, sys, sysconfig
                folder, = sys.argv[1:]
                name = os.path.basename(sysconfig.get_path("stdlib"))
                left = shutil.ignore_patterns("test", "tests", "*-packages", "config-*", "__pycache__")
                shutil.copytree(sysconfig.get_path("stdlib"), f"{folder}/elsewhere/{name}", ignore=left)
                for inner in ["bin", "lib"]: os.makedirs(f"{folder}/store/{inner}")
                os.symlink(os.path.realpath(sys.executable), f"{folder}/store/bin/python3")
                os.symlink(f"../../elsewhere/{name}", f"{folder}/store/lib/{name}")
                os.symlink("store", f"{folder}/alias")
                """
            let python = try await PythonInterpreter.find()
            let made = try await Command(python.path, ["-c", script, folder]).run(timeout: .seconds(120))
            try #require(made.exit.isSuccess, "\(made.errorOutput)")
            let environment = PythonEnvironment(directory: URL(filePath: folder + "/environment"))
            let venv = try await Command(
                folder + "/alias/bin/python3", ["-m", "venv", "--without-pip", environment.directory.path]
            ).run(timeout: .seconds(120))
            try #require(venv.exit.isSuccess, "\(venv.errorOutput)")
            for user in [Sandbox.User.trainer, .server] {
                let workplace = try await PythonWorkplace.prepare(environment, as: user) { Issue.record("\($0)") }
                let result = try await workplace.command(
                    ["-c", "import json, os; print(os.__file__)"], sees: [], network: .own,
                    filter: URL(filePath: folder + "/calls.bpf")
                ).run()
                #expect(result.output.hasPrefix(folder + "/"), "\(result.output)\(result.errorOutput)")
                #expect(await PythonWorkplace.obstacle(to: user, in: environment) == nil)
            }
        }
    }

    @Test("what keeps trainings out of a sandbox is told to who asks, with and without an environment")
    func obstacle() async throws {
        #expect(await PythonWorkplace.obstacle(to: .trainer, in: nil) == nil)
        try await withFolder { bin in
            for (script, words) in [
                ("echo 'bwrap: No permissions to create new namespace' >&2; exit 1", "No permissions"),
                (
                    "case \"$*\" in *python*) echo 'libssl.so: gone' >&2; exit 1;; esac; exec /usr/bin/bwrap \"$@\"",
                    "in a sandbox: libssl.so: gone"
                ),
            ] {
                try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: bin + "/bwrap"))
                chmod(bin + "/bwrap", 0o755)
                let found = await PythonWorkplace.obstacle(to: .server, in: nil, variables: ["PATH": bin])
                #expect(found?.contains(words) == true, "\(found ?? "nothing")")
            }
        }
    }

    @Test("of several environments of one name the one that was made last is found")
    func newest() async throws {
        try await withFolder { folder in
            let url = URL(filePath: folder)
            #expect(PythonEnvironment.newest("trainer", in: url) == nil)
            try make(["trainer-1/.ready", "trainer-2/.ready", "trainer-3/x", "other-1/.ready"], [], in: folder)
            var times = [timeval(tv_sec: 2_000_000_000, tv_usec: 0), timeval(tv_sec: 2_000_000_000, tv_usec: 0)]
            #expect(utimes(folder + "/trainer-1/.ready", &times) == 0)
            #expect(PythonEnvironment.newest("trainer", in: url)?.directory.lastPathComponent == "trainer-1")
        }
    }
}
