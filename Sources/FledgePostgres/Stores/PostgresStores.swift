import Logging
import PostgresClient

/// The stores of one database, made together: one for each subject, behind the port of that subject.
///
/// A service may ask for several ports as one value (`any CycleStore & ExperimentStore`). This value has those of the
/// services, and hands each call to the store whose subject it is.
package struct PostgresStores: Sendable {
    package let cycles: PostgresCycles
    package let work: PostgresWork
    package let experiments: PostgresExperiments
    package let search: PostgresSearch
    package let judges: PostgresJudges
    package let holdout: PostgresHoldout
    package let decisions: PostgresDecisions
    package let training: PostgresTraining
    package let tuning: PostgresTuning
    package let intents: PostgresIntents
    package let releases: PostgresReleases
    package let reports: PostgresReports
    package let status: PostgresStatus
    package let fleet: PostgresFleet
    package let access: PostgresAccess
    package let spend: PostgresSpend
    package let allotments: PostgresAllotments
    package let audit: PostgresAudit
    package let housekeeping: PostgresHousekeeping
    package let keptFiles: PostgresKeptFiles

    package init(pool: PostgresPool, logger: Logger) {
        let database = Database(pool: pool, logger: logger)
        let batch = WorkBatch(pool: pool, logger: logger, channel: PostgresWork.channel)
        // One for both stores that write to it, so that transitions and ends of work that come at one moment share a
        // transaction.
        let writes = GroupCommit<WorkWrite, Void>(maximumBatch: 512, writers: 2) { await batch.write($0) }
        cycles = PostgresCycles(database: database, writes: writes)
        work = PostgresWork(database: database, writes: writes)
        experiments = PostgresExperiments(database: database)
        search = PostgresSearch(database: database)
        judges = PostgresJudges(database: database)
        holdout = PostgresHoldout(database: database)
        decisions = PostgresDecisions(database: database)
        training = PostgresTraining(database: database)
        tuning = PostgresTuning(database: database)
        intents = PostgresIntents(database: database)
        releases = PostgresReleases(database: database)
        status = PostgresStatus(database: database)
        fleet = PostgresFleet(database: database)
        access = PostgresAccess(database: database)
        spend = PostgresSpend(database: database)
        allotments = PostgresAllotments(database: database)
        audit = PostgresAudit(database: database)
        housekeeping = PostgresHousekeeping(database: database)
        keptFiles = PostgresKeptFiles(database: database)
        reports = PostgresReports(
            database: database,
            reader: ReportReader(
                database: database, cycles: cycles, status: status, decisions: decisions, training: training,
                tuning: tuning, releases: releases, audit: audit))
    }
}
