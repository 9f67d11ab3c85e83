import ArgumentParser
import FledgeCore
import FledgeEngine
import Foundation

/// Definition files as what the daemon takes.
enum DefinitionFiles {
    static func compile(_ files: [String], actor: String) async throws -> [ApplyRequest] {
        let environment = ProcessInfo.processInfo.environment
        let compiler = DefinitionCompiler(
            library: try DSLLibrary.locate(environment: environment), environment: environment,
            cacheDirectory: StatePaths.current().cache)
        var requests: [ApplyRequest] = []
        for file in files {
            for definition in try await compiler.compile(file) {
                requests.append(
                    ApplyRequest(
                        document: definition.document, sourceText: definition.sourceText, directory: definition.directory,
                        actor: actor))
            }
        }
        return requests
    }

    /// The diagnostics were shown already: only the status is left to give.
    static func failOnErrors(_ diagnostics: [Diagnostic]) throws {
        if diagnostics.contains(where: { $0.severity == .error }) { throw ExitCode(ExitStatus.badData.rawValue) }
    }
}
