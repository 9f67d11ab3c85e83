import FledgeCore
import FledgeEngine
import FledgeServing
import FledgeTraining
import Foundation
import Logging

/// Where the daemon's models are served and its adapters trained.
package struct DaemonParts: Sendable {
    package var catalog: any ModelCatalog
    package var executor: any TrainingExecutor

    /// - Parameters:
    ///   - trainings: how many may run on this machine at once, whichever daemon asks for them.
    ///   - keys: which of the models' keys are read, and where each is sent.
    init(paths: StatePaths, trainings: Int, keys: KeyRules, logger: Logger) {
        let cache = URL(fileURLWithPath: paths.cache, isDirectory: true)
        catalog = ServingCatalog(
            cache: cache, converter: LlamaCppConverter(cacheDirectory: cache, logger: logger), keys: keys,
            logger: logger,
            progress: { logger.info("\($0)", metadata: ["part": "model server"]) })
        executor = LocalExecutor(
            jobsDirectory: paths.jobs, cacheDirectory: paths.cache, atOnce: trainings, logger: logger)
    }
}
