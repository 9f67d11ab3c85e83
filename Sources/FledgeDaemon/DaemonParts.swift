import FledgeCore
import FledgeEngine
import FledgeServing
import FledgeTraining
import Foundation
import Logging

/// Where the daemon's models are served and its adapters trained.
struct DaemonParts: Sendable {
    var catalog: any ModelCatalog
    var executor: any TrainingExecutor

    /// - Parameters:
    ///   - trainings: how many may run on this machine at once, whichever daemon asks for them.
    ///   - keys: which of the models' keys are read, and where each is sent.
    init(paths: StatePaths, environment: [String: String], trainings: Int, keys: KeyRules, logger: Logger) {
        let cache = URL(fileURLWithPath: paths.cache, isDirectory: true)
        catalog = ServingCatalog(
            cache: cache, converter: LlamaCppConverter(cacheDirectory: cache, logger: logger), keys: keys,
            logger: logger,
            progress: { logger.info("\($0)", metadata: ["part": "model server"]) })
        executor = LocalExecutor(
            jobsDirectory: paths.jobs, cacheDirectory: paths.cache, atOnce: trainings, logger: logger)
        #if DEBUG
            if let base = environment[RehearsalExecutor.variable], !base.isEmpty {
                logger.warning("this is a rehearsal: models and training are a stub's", metadata: ["at": "\(base)"])
                catalog = RehearsalCatalog(base: base, others: catalog)
                executor = RehearsalExecutor(base: base)
            }
        #endif
    }
}
