import ArgumentParser
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

    /// What is wrong with a set of which a part can't be applied, so that none of it is; nil where all can be.
    static func refusals(of requests: [ApplyRequest]) throws -> [ApplyResult]? {
        let checked = try requests.map {
            ApplyResult(
                applied: nil, diagnostics: try DefinitionIntake(localModels: PackagedModels.names).check($0).diagnostics
            )
        }
        return checked.contains { $0.diagnostics.contains { $0.severity == .error } } ? checked : nil
    }

    /// The diagnostics were shown already: only the status is left to give.
    static func failOnErrors(_ diagnostics: [Diagnostic]) throws {
        if diagnostics.contains(where: { $0.severity == .error }) { throw ExitCode(ExitStatus.badData.rawValue) }
    }
}
