import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeEngine
import Foundation

/// Definition files as what the daemon takes.
enum DefinitionFiles {
    /// - Parameter trust: which definitions may be compiled and run without a sandbox.
    /// - Throws: when any of the files can't be compiled; nothing is applied then.
    static func compile(
        _ files: [String], actor: String, trust: DefinitionTrust
    ) async throws -> [ApplyRequest] {
        let environment = ProcessInfo.processInfo.environment
        let compiler = DefinitionCompiler(
            library: try DSLLibrary.locate(environment: environment), environment: environment,
            cacheDirectory: StatePaths.current().cache, trust: trust, report: { Console.error($0) })
        var requests: [ApplyRequest] = []
        var failures: [FledgeError] = []
        for file in files {
            do {
                for definition in try await compiler.compile(file) {
                    requests.append(
                        ApplyRequest(
                            document: definition.document, sourceText: definition.sourceText,
                            directory: definition.directory, actor: actor))
                }
            } catch let error as FledgeError {
                failures.append(error)
            }
        }
        // Every file's problem at once: all but the last are shown here, the last as any error is.
        for failure in failures.dropLast() { Console.error(ErrorText.render(failure)) }
        if let last = failures.last { throw last }
        return requests
    }

    /// The files' definitions, to be planned or applied together under the name that the daemon knows the caller by.
    static func submission(
        of files: [String], trust: DefinitionTrust, options: ClientOptions
    ) async throws -> Submission {
        // A wrong address is told before anything is compiled.
        let client = try options.client
        var definitions = try await compile(files, actor: "", trust: trust)
        let actor = try await client.actor()
        for index in definitions.indices { definitions[index].actor = actor }
        return Submission(definitions)
    }

    /// The diagnostics were shown already: only the status is left to give.
    static func failOnErrors(_ diagnostics: [Diagnostic]) throws {
        if diagnostics.contains(where: { $0.severity == .error }) { throw ExitCode(ExitStatus.badData.rawValue) }
    }
}
