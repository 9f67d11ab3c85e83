import FledgeCLI
import FledgeCore
import FledgeDocument
import Foundation
import Testing

/// Compiles definitions with the real compiler against the library that the build has left beside the tests.
@Suite struct DefinitionCompilerTests {
    private func folder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "fledge-definitions-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    private func compiler(in folder: URL) throws -> DefinitionCompiler {
        let environment = ProcessInfo.processInfo.environment
        return DefinitionCompiler(
            library: try DSLLibrary.locate(environment: environment), environment: environment,
            cacheDirectory: folder.appendingPathComponent("cache").path)
    }

    private func compile(_ source: String, in folder: URL) async throws -> [CompiledDefinition] {
        let file = folder.appendingPathComponent("case.swift")
        try Data(source.utf8).write(to: file)
        return try await compiler(in: folder).compile(file.path)
    }

    @Test("a file gives every use case that it declares, with the lines of its parts, and again from the cache")
    func compiles() async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = """
            import FledgeDSL

            let first = UseCase("first") {
                Purpose("Say \\"hello\\" – and 1 < 2.")
                Validation { Require { Accuracy(atLeast: 0.8) } }
            }
            let second: UseCase = UseCase("second") { Owner("a"); Owner("b") }
            """
        let made = try await compile(source, in: folder)
        #expect(made.map(\.document.useCase.name) == ["first", "second"])
        #expect(made.first?.document.useCase.purpose == "Say \"hello\" – and 1 < 2.")
        #expect(made.first?.document.locations["validation.require[0]"] == 5)
        #expect(made.last?.document.locations["#duplicate:owner"] == 7)
        #expect(made.first?.sourceText == source)
        let kept = try FileManager.default.contentsOfDirectory(
            atPath: folder.appendingPathComponent("cache/definitions").path)
        #expect(kept.filter { $0.hasSuffix(".jsonl") }.count == 1)
        #expect(!kept.contains { $0.hasPrefix("build-") })
        #expect(try await compile(source, in: folder) == made)
    }

    @Test(
        "a wrong element is refused in the words of its block",
        arguments: [
            ("Accuracy(atLeast: 0.8)", "a UseCase block takes Purpose, Owner"),
            (
                "Dataset(\"d.csv\") { Owner(\"x\") }",
                "a Dataset block takes Input, Expected, Preferences, Group, Split, LeakPolicy and PersonalData"
            ),
            ("Models { Prompt(\"x\") { User(\"y\") } }", "a Models block takes Model"),
            ("PromptPrototype { System(\"x\") }", "a PromptPrototype block takes Prompt, Search, Decoding"),
            (
                "PromptPrototype { Prompt(\"x\") { Budget(calls: 3) } }",
                "a Prompt block takes System, User and Demonstrations"
            ),
            ("PromptPrototype { Advance { Input(\"x\") } }", "an Advance block takes criteria"),
            ("PromptPrototype { Advance { Or { Or { } } } }", "an Or block takes criteria"),
            ("Validation { Accuracy(atLeast: 0.8) }", "criteria go inside Require"),
            ("Validation { Require { Plateau(rounds: 2) } }", "a Require block takes criteria"),
            ("FineTune { Approval(.automatic) }", "a FineTune block takes Tuned, Teacher, LoRA, Executor, Limit"),
            ("Production { Owner(\"x\") }", "a Production block takes Approval"),
            ("Reports { Limit(.hours(1)) }", "a Reports block takes Daily, Weekly and Monthly"),
            ("Validation { Require { Acuracy(atLeast: 0.8) } }", "cannot find 'Acuracy' in scope"),
            ("Validation { Require { Latency(.p95, atLeast: .seconds(2)) } }", "atMost"),
        ])
    func refusesWrongElements(body: String, message: String) async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let error = await #expect(throws: FledgeError.self) {
            try await compile("import FledgeDSL\n\nlet it = UseCase(\"it\") {\n    \(body)\n}\n", in: folder)
        }
        #expect(error?.code == "definition.does_not_compile")
        #expect(error?.exitCode == .badData)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("case.swift:4:") == true)
        #expect(error?.message.contains("marked unavailable here") == false)
    }

    @Test(
        "a file that is no definition is refused with what to do",
        arguments: [
            ("let x = 3\n", "definition.no_use_case", ""),
            ("import FledgeDSL\nprivate let x = UseCase(\"x\") {}\n", "definition.no_use_case", ""),
            (
                "import FledgeDSL\nlet x = UseCase(\"x\") { Purpose([String]()[0]) }\n", "definition.failed",
                "Index out of range"
            ),
            (
                "import FledgeDSL\nlet x = UseCase(\"x\") { Purpose(\"\\(Duration.seconds(1e30))\") }\n",
                "definition.failed", "Overflow in multiplication"
            ),
        ])
    func refusesOtherFiles(source: String, code: String, words: String) async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let error = await #expect(throws: FledgeError.self) { try await compile(source, in: folder) }
        #expect(error?.code.rawValue == code)
        #expect(error?.message.contains(words) == true || words.isEmpty, "\(error?.message ?? "")")
        #expect(error?.hint != nil)
    }

    @Test("a definition sees nothing of the environment, and its own output is not taken for a document")
    func isolates() async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = """
            import FledgeDSL
            import Glibc

            let it = UseCase("it") { Purpose(seen()) }
            func seen() -> String {
                print("{\\"format\\":1}")
                return getenv("PATH") == nil ? "nothing" : "PATH"
            }
            """
        #expect(try await compile(source, in: folder).map(\.document.useCase.purpose) == ["nothing"])
    }

    @Test("a library path that holds none is named")
    func missingLibrary() {
        let error = #expect(throws: FledgeError.self) {
            try DSLLibrary.locate(environment: [DSLLibrary.pathVariable: "/nonexistent"])
        }
        #expect(error?.code == "definition.library_missing")
        #expect(error?.message.contains("/nonexistent") == true)
    }
}
