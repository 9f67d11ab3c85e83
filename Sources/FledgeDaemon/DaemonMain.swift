import CoreMetrics
import FledgeCore
import FledgeEngine
import Foundation
import Glibc
import Logging
import OpenMetrics

/// The entry point of `fledged`.
package enum DaemonMain {
    /// - Parameter change: puts other models and executors in the place of the usual ones.
    /// - Returns: the exit status.
    package static func run(
        arguments: [String], environment: [String: String],
        change: @escaping @Sendable (inout DaemonParts) -> Void = { _ in }
    ) async -> Int32 {
        if arguments.contains("--help") || arguments.contains("-h") {
            print(DaemonHelp.text, terminator: "")
            return 0
        }
        if arguments.contains("--version") {
            print(FledgeVersion.current)
            return 0
        }
        // No file that this process or one of its children makes is open to other users, also where its maker sets no
        // mode.
        umask(0o077)
        do {
            let configuration = try DaemonConfiguration(arguments: arguments, environment: environment)
            LoggingSystem.bootstrap { StreamLogHandler(label: $0, stream: LogLines()) }
            var logger = Logger(label: "fledged")
            logger.logLevel = configuration.logLevel
            let registry = MetricsRegistry(EngineMetrics.descriptions)
            MetricsSystem.bootstrap(registry)
            let exporter = SpanExportService.start(environment: environment, logger: logger)
            try await Daemon(
                configuration: configuration, registry: registry, exporter: exporter, change: change, logger: logger
            ).run()
            return 0
        } catch let error as FledgeError {
            complain(error.description)
            return error.exitCode.rawValue
        } catch {
            complain("\(error)")
            return ExitStatus.software.rawValue
        }
    }

    private static func complain(_ message: String) {
        try? FileHandle.standardError.write(contentsOf: Data(InertText.block("fledged: \(message)\n").utf8))
    }
}
