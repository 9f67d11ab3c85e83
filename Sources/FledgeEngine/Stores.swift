import FledgeCore
import FledgeDocument
import Foundation

/// All stores: what the engine asks of a database.
package typealias Stores = CycleStore & WorkQueue & ExperimentStore & SearchStore & DecisionStore & TrainingStore
    & TuningStore
    & ReleaseStore
    & ReportStore & StatusStore & HoldoutStore & JudgeStore & SpendStore & AllotmentStore & JobSettling
    & AccessStore
    & AuditStore
