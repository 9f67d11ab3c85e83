import FledgeDaemon
import FledgeEngine
import FledgeTestKit

/// The entry point of `fledged-rehearsal`: the daemon as `FledgeBench chaos` runs it. Its models and trainings can be a stub
/// provider's, and it can crash at named places. `fledged` has none of this.
package enum RehearsalMain {
    /// - Returns: the exit status.
    package static func run(arguments: [String], environment: [String: String]) async -> Int32 {
        if let plan = environment[RehearsalVariable.crashPoint].flatMap(CrashPlan.init) {
            CrashPoint.rehearse { plan.reached($0) }
        }
        let provider = environment[RehearsalVariable.provider] ?? ""
        return await DaemonMain.run(arguments: arguments, environment: environment) { parts in
            if provider.isEmpty { return }
            parts.catalog = RehearsalCatalog(base: provider, others: parts.catalog)
            parts.executor = RehearsalExecutor(base: provider)
        }
    }
}
