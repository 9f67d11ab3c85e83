import FledgeCore
import FledgeEngine

/// What several stores refuse in the same words.
extension FledgeError {
    static func unknownUseCase(_ name: String) -> FledgeError {
        FledgeError(
            "use_case.unknown", "there is no use case named \(name)", hint: "fledge status lists them")
    }

    static func unknownCycle(_ id: CycleID) -> FledgeError {
        FledgeError("cycle.unknown", "there is no cycle \(id)")
    }

    static func lostWork(_ lease: WorkLease) -> FledgeError {
        FledgeError(
            "work.lost", "work item \(lease.item) was taken over or cancelled (fence \(lease.fence))")
    }

    /// An INSERT … RETURNING without a row: only a trigger or rule that somebody added can do that.
    static var nothingCameBack: FledgeError {
        FledgeError(
            "database.failed", "the database stored nothing", hint: "look for triggers or rules on Fledge's tables")
    }
}
