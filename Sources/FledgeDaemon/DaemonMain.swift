import FledgeCore
import FledgeEngine
import Foundation
import Logging

/// The entry point of `fledged`.
package enum DaemonMain {
    package static let help = """
        fledged \(FledgeVersion.current): runs Fledge's use cases through their stages.

        USAGE: fledged [--fledge-log-level LEVEL] [--fledge-concurrency N] [--fledge-lease-seconds S] [--fledge-migrate true|false]

        Every setting can also come from the environment: FLEDGE_LOG_LEVEL, FLEDGE_CONCURRENCY, FLEDGE_LEASE_SECONDS,
        FLEDGE_MIGRATE. FLEDGE_STATE_DIR names the folder of its state, FLEDGE_CACHE_HOME that of its caches,
        FLEDGE_DATABASE_URL a PostgreSQL to use; without it fledged makes and runs a private one.

        EXAMPLES:
          fledged                                        in the foreground, with a private PostgreSQL
          FLEDGE_DATABASE_URL=postgresql:///fledge fledged
          fledge daemon start                            the same, in the background

        """

    /// - Returns: the exit status.
    package static func run(arguments: [String], environment: [String: String]) async -> Int32 {
        if arguments.contains("--help") || arguments.contains("-h") {
            print(help, terminator: "")
            return 0
        }
        if arguments.contains("--version") {
            print(FledgeVersion.current)
            return 0
        }
        do {
            let configuration = try DaemonConfiguration(arguments: arguments, environment: environment)
            LoggingSystem.bootstrap(StreamLogHandler.standardError)
            var logger = Logger(label: "fledged")
            logger.logLevel = configuration.logLevel
            try await Daemon(configuration: configuration, logger: logger).run()
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
        FileHandle.standardError.write(Data("fledged: \(message)\n".utf8))
    }
}
