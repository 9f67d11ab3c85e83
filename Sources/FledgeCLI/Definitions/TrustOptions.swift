import ArgumentParser
import Foundation

/// Which definitions are compiled and run without a sandbox.
struct TrustOptions: ParsableArguments {
    @Flag(
        name: .customLong("trust"),
        help: "Compile and run the definitions without a sandbox: they can then do whatever you can.")
    var isTrusted = false

    var trust: DefinitionTrust {
        DefinitionTrust(isSaid: isTrusted, environment: ProcessInfo.processInfo.environment)
    }
}
