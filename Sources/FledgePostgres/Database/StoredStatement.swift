/// The statements of one part of the store: a list that a test can PREPARE against the migrated schema.
///
/// An enumeration's raw value has to be a literal, so that no statement can be put together from values at run time.
package protocol StoredStatement: CaseIterable, RawRepresentable<String>, Sendable {}

/// Every statement that the store sends.
package enum StoredStatements {
    package static var all: [(name: String, sql: String)] {
        list(CycleStatement.self) + list(LeakStatement.self) + list(HistoryStatement.self) + list(WorkStatement.self)
            + list(WorkChangeStatement.self) + list(WorkViewStatement.self) + list(CycleHeadStatement.self)
            + list(PinStatement.self)
            + list(ExperimentStatement.self) + list(SearchStatement.self)
            + list(DecisionStatement.self) + list(TrainingStatement.self) + list(TuningStatement.self)
            + list(ReleaseStatement.self)
            + list(ReportStatement.self) + list(StatusStatement.self) + list(HoldoutStatement.self)
            + list(JudgeStatement.self) + list(FleetStatement.self)
            + list(HousekeepingStatement.self) + list(SpendStatement.self) + list(AllotmentStatement.self)
            + list(IntentStatement.self) + list(AccessStatement.self) + list(AuditStatement.self)
    }

    private static func list<Statement: StoredStatement>(_ type: Statement.Type) -> [(name: String, sql: String)] {
        type.allCases.map { ("\(type).\($0)", $0.rawValue) }
    }
}
