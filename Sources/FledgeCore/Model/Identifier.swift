/// A database identity that cannot be mistaken for another subject's.
package struct Identifier<Subject>: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    package let rawValue: Int64

    package init(rawValue: Int64) { self.rawValue = rawValue }

    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    package var description: String { String(rawValue) }
}

package enum UseCaseSubject {}
package enum RevisionSubject {}
package enum SnapshotSubject {}
package enum ExampleSubject {}
package enum CycleSubject {}
package enum WorkItemSubject {}
package enum ExperimentSubject {}
package enum GateSubject {}
package enum DecisionSubject {}
package enum TrainingJobSubject {}
package enum ReleaseSubject {}
package enum ScheduleSubject {}
package enum ReportSubject {}

package typealias UseCaseID = Identifier<UseCaseSubject>
package typealias RevisionID = Identifier<RevisionSubject>
package typealias SnapshotID = Identifier<SnapshotSubject>
package typealias ExampleID = Identifier<ExampleSubject>
package typealias CycleID = Identifier<CycleSubject>
package typealias WorkItemID = Identifier<WorkItemSubject>
package typealias ExperimentID = Identifier<ExperimentSubject>
package typealias GateID = Identifier<GateSubject>
package typealias DecisionID = Identifier<DecisionSubject>
package typealias TrainingJobID = Identifier<TrainingJobSubject>
package typealias ReleaseID = Identifier<ReleaseSubject>
package typealias ScheduleID = Identifier<ScheduleSubject>
package typealias ReportID = Identifier<ReportSubject>
