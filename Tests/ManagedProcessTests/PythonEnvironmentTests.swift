import Foundation
import ManagedProcess
import Synchronization
import Testing

@Suite("A Python environment")
struct PythonEnvironmentTests {
    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    @Test("it is made once, though two ask at the same time, and made again when it was left unfinished")
    func madeOnce() async throws {
        try await withFolder { folder in
            let made = Mutex(0)
            let prepare: @Sendable () async throws -> PythonEnvironment = {
                try await PythonEnvironment.prepare(
                    name: "empty", requirements: .init(packages: "# nothing"), directory: folder
                ) { if $0.hasPrefix("making") { made.withLock { $0 += 1 } } }
            }
            async let first = prepare()
            async let second = prepare()
            let environment = try await first
            #expect(try await second.directory == environment.directory)
            #expect(made.withLock { $0 } == 1)
            let result = try await environment.command(["-c", "import sys; print(sys.prefix)"]).run()
            #expect(result.output.trimmingCharacters(in: .newlines).hasSuffix(environment.directory.lastPathComponent))

            try FileManager.default.removeItem(at: environment.directory.appending(path: ".ready"))
            _ = try await prepare()
            #expect(made.withLock { $0 } == 2)
        }
    }

    @Test("a package that can't be installed is reported with pip's words and the log's place")
    func failedInstall() async throws {
        try await withFolder { folder in
            let error = await #expect(throws: ProcessError.self) {
                try await PythonEnvironment.prepare(
                    name: "bad", requirements: .init(packages: "./no-such-folder/package.whl"), directory: folder)
            }
            #expect(error?.code == .installFailed)
            #expect(error?.hint?.contains(folder.path) == true)
        }
    }

    @Test("an interpreter that is not there is reported with what to install")
    func missingInterpreter() async throws {
        let error = await #expect(throws: ProcessError.self) {
            try await PythonInterpreter.find(preferred: "no-such-python")
        }
        #expect(error?.code == .pythonMissing)
        #expect(error?.hint?.contains("python3-venv") == true)
    }
}
