import FledgeCore
import FledgeDocument
import Foundation

/// What the control API shows.
package protocol StatusStore: Store {
    func statuses(useCase: String?) async throws -> [UseCaseStatus]
    /// In the order of their names, those behind `name`, or from the first.
    func statuses(after name: String?, limit: Int) async throws -> [UseCaseStatus]
    func experiments(useCase: UseCaseID) async throws -> [CandidateScore]
    func jobs(useCase: String?) async throws -> [TrainingJobView]
    /// The candidates of a cycle some of whose questions went without an answer, in the order of the experiments.
    func missingAnswers(of cycle: CycleID) async throws -> [MissingFinding]
}
