import FledgeCore
import Logging
import ServiceLifecycle

/// Takes away what is not kept any longer, a small batch at a time, with pauses: work comes first.
///
/// Any number of daemons may run it. A row in the database says which daemon is doing it and when it was done last.
/// Unlike a session's advisory lock, the row also works behind a pooler that gives each transaction another connection,
/// and it keeps the other daemons from doing the same again an hour later.
package struct HousekeepingService: Service {
    package struct Settings: Sendable {
        package var policy = RetentionPolicy.standard
        /// How often the whole is done, by whichever daemon.
        package var interval: Duration = .seconds(6 * 3600)
        /// How often a daemon looks whether it is time.
        package var look: Duration = .seconds(300)
        /// How long a daemon's right to keep house lasts without renewal: after a crash, another daemon goes on that
        /// much later.
        package var lease: Duration = .seconds(60)

        package init() {}
    }

    private let store: any HousekeepingStore
    private let worker: String
    private let settings: Settings
    private let files: FileHousekeeping?
    private let logger: Logger

    /// - Parameter files: of the state folder, which every daemon looks after itself; nil for none.
    package init(
        store: any HousekeepingStore, files: FileHousekeeping? = nil, worker: String, settings: Settings, logger: Logger
    ) {
        self.store = store
        self.files = files
        self.worker = worker
        self.settings = settings
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // The first look comes after a random pause, so that it does not slow the start, and daemons that start
                // together look at different times.
                do { try await Task.sleep(for: settings.look * Double.random(in: 0.5...1)) } catch { return }
                do { try await tick() } catch {
                    if !Task.isCancelled {
                        EngineMetrics.keptHouse(isOK: false)
                        logger.warning("housekeeping failed", metadata: ["error": "\(error)"])
                    }
                }
            }
        }
    }

    /// One look: does the whole when it is time and nobody else is at it. - Returns: what was taken away; nil when not.
    @discardableResult
    package func tick() async throws -> [PruneFigure]? {
        try await keepFiles()
        guard try await store.takeHousekeeping(worker: worker, every: settings.interval, lease: settings.lease) else {
            return nil
        }
        var figures: [PruneFigure] = []
        for subject in RetentionPolicy.Subject.allCases where !subject.isFiles {
            guard let age = settings.policy.age(of: subject) else { continue }
            var isOurs = true
            var renewed = ContinuousClock.now
            var last = ContinuousClock.now
            let figure = try await store.prune(subject, olderThan: age) { _ in
                // The pause is as long as the batch took, so that housekeeping takes at most half of the database's
                // time.
                try await Task.sleep(for: last.duration(to: .now))
                if renewed.duration(to: .now) > settings.lease / 3 {
                    isOurs = try await store.renewHousekeeping(worker: worker, lease: settings.lease)
                    renewed = .now
                }
                last = .now
                return isOurs
            }
            tell(figure)
            figures.append(figure)
            guard isOurs else { return figures }
        }
        try await store.finishHousekeeping(worker: worker)
        EngineMetrics.keptHouse(isOK: true)
        return figures
    }

    private func keepFiles() async throws {
        guard let files, files.isDue(every: settings.interval) else { return }
        for subject in RetentionPolicy.Subject.allCases where subject.isFiles {
            guard let age = settings.policy.age(of: subject) else { continue }
            do { tell(try await files.prune(subject, olderThan: age)) } catch is CancellationError {
                throw CancellationError()
            } catch {
                // Neither the other folders nor the database's part wait for that.
                logger.warning(
                    "files could not be taken away",
                    metadata: ["table": "\(subject.table)", "error": "\(InertText.log("\(error)"))"])
            }
        }
    }

    private func tell(_ figure: PruneFigure) {
        EngineMetrics.pruned(figure)
        guard figure.rows > 0 else { return }
        logger.info(
            "took away what is not kept any longer",
            metadata: ["table": "\(figure.table)", "rows": "\(figure.rows)", "bytes": "\(figure.bytes)"])
    }
}
