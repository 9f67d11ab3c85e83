import CoreMetrics
import FledgeCore
import FledgeEngine
import Foundation
import Glibc
import Logging
import OpenMetrics

/// The entry point of `fledged`.
package enum DaemonMain {
    package static let help = """
        fledged \(FledgeVersion.current): runs Fledge's use cases through their stages.

        USAGE: fledged [OPTION VALUE]…

        OPTION           ENVIRONMENT           FILE          UNLESS SAID
        --log-level      FLEDGE_LOG_LEVEL      logLevel      info      trace to error
        --concurrency    FLEDGE_CONCURRENCY    concurrency   4         pieces of work at once
        --trainings      FLEDGE_TRAININGS      trainings     1         trainings at once on this machine
        --lease-seconds  FLEDGE_LEASE_SECONDS  leaseSeconds  15        how long a claim outlives its daemon
        --migrate        FLEDGE_MIGRATE        migrate       true      migrate the database at the start
        --listen         FLEDGE_LISTEN         listen                  HOST:PORT for the control API, besides the socket
        --token          FLEDGE_TOKEN          token                   env:NAME or file:PATH of the token for that
        --metrics-token  FLEDGE_METRICS_TOKEN  metricsToken            one that opens /metrics there, nothing else
        --insecure-listen  FLEDGE_INSECURE_LISTEN  insecureListen  false  true: listen without TLS where others reach it;
                                                                       it stands behind a proxy with TLS, or the
                                                                       network is yours
        --host-names     FLEDGE_HOST_NAMES     hostNames               further names that it is asked by, with commas
        --retention      FLEDGE_RETENTION      retention               samples=90d,training-logs=30d,responses=30d,
                                                                       work=14d,daemons=7d,spend=90d,jobs=30d,
                                                                       artifacts=30d,reports=365d; forever keeps all.
                                                                       What a release or a gate rests on always stays
        --keys           FLEDGE_KEYS           keys                    which keys definitions may name, and the hosts that
                                                                       each may be sent to; unless said, none:
                                                                       NAME=api.example.com;/etc/fledge/keys=gpu-1:8000
        --anchor-webhook  FLEDGE_ANCHOR_WEBHOOK  anchorWebhook         an https address that the heads of the evidence are
                                                                       sent to, for a copy that is not on this machine
        --anchor-secret  FLEDGE_ANCHOR_SECRET  anchorSecret            env:NAME or file:PATH of what they are signed with
        --config         FLEDGE_CONFIG                                 a JSON file with these fields

        A flag comes before the environment, the environment before the file, which is /etc/fledge/fledged.json for root
        and ~/.config/fledge/fledged.json for others. FLEDGE_STATE_DIR names the folder of the daemon's state,
        FLEDGE_CACHE_HOME that of its caches, FLEDGE_DATABASE_URL a PostgreSQL to use; without it fledged makes and runs
        a private one. FLEDGE_DATABASE_OWNER_URL is the same database by the role that owns its tables, for migrations.

        EXAMPLES:
          fledged                                        in the foreground, with a private PostgreSQL
          FLEDGE_DATABASE_URL=postgresql:///fledge fledged
          fledged --listen 127.0.0.1:7420 --token file:/etc/fledge/token
          fledge daemon start                            in the background

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
        // What this process and its children make is nobody else's, also where nothing says so.
        umask(0o077)
        do {
            let configuration = try DaemonConfiguration(arguments: arguments, environment: environment)
            LoggingSystem.bootstrap { StreamLogHandler(label: $0, stream: LogLines()) }
            var logger = Logger(label: "fledged")
            logger.logLevel = configuration.logLevel
            let registry = MetricsRegistry(EngineMetrics.descriptions)
            MetricsSystem.bootstrap(registry)
            let exporter = SpanExportService.start(environment: environment, logger: logger)
            try await Daemon(configuration: configuration, registry: registry, exporter: exporter, logger: logger).run()
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
