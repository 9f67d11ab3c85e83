import ArgumentParser
import FledgeCore
import Foundation

/// Runs the command line and ends the process with the exit status that fits.
package enum FledgeMain {
    package static func run() async -> Never {
        do {
            var command = try await FledgeCommand.asyncParse()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            exit(0)
        } catch let error where error is ExitCode || Failure(error) == nil {
            if let error = CommandSuggestion.error(for: Array(CommandLine.arguments.dropFirst())) {
                Console.error(ErrorText.render(error))
                exit(error.exitCode.rawValue)
            }
            // Help, versions and other usage errors are the argument parser's.
            FledgeCommand.exit(withError: error)
        } catch {
            let failure = Failure(error)?.error ?? FledgeError("fledge.internal", "\(error)")
            Console.error(ErrorText.render(failure))
            exit(failure.exitCode.rawValue)
        }
    }
}

extension FledgeCommand {
    fileprivate static func asyncParse() async throws -> any ParsableCommand { try parseAsRoot() }
}
