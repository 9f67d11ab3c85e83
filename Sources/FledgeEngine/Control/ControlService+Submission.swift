import FledgeCore
import FledgeDocument

/// Planning and applying definitions.
extension ControlService {
    package func plan(_ submission: Submission) async throws -> [PlanResult] {
        let planner = EditPlanner(stores: stores)
        var plans: [PlanResult] = []
        for (request, checked) in zip(submission.definitions, try await check(submission)) {
            plans.append(try await planner.plan(request, checked))
        }
        return plans
    }

    package func apply(_ submission: Submission) async throws -> [ApplyResult] {
        let checked = try await check(submission)
        let submissions = checked.compactMap(\.submission)
        guard submissions.count == checked.count else {
            return checked.map { ApplyResult(applied: nil, diagnostics: $0.diagnostics) }
        }
        var results: [ApplyResult] = []
        for (checked, submission) in zip(checked, submissions) {
            let useCase = try await stores.useCase(named: submission.document.useCase.name)
            var diagnostics = checked.diagnostics
            if submission.roundedSHA256 != nil, let useCase {
                diagnostics += checked.readAnew(since: try await stores.currentCycle(of: useCase))
            }
            let holdout = try await EditPlanner(stores: stores).holdout(of: submission, useCase: useCase)
            results.append(ApplyResult(applied: nil, diagnostics: diagnostics, holdout: holdout))
        }
        let applied = try await stores.apply(submissions)
        CrashPoint.definitionStored.reached()
        for index in applied.indices {
            results[index].applied = applied[index]
            do { results[index].applied = try await begin(applied[index], of: submissions[index]) } catch is FledgeError
            {
                // It is stored, and what has to be started is found by the scheduler.
                let document = submissions[index].document
                results[index].diagnostics.append(
                    Diagnostic(
                        severity: .warning, code: "definition.start_delayed",
                        message: "the definition is stored; what follows from it begins a little later",
                        file: document.sourceFile, line: document.locations["useCase"], hint: nil))
            }
        }
        return results
    }

    private func check(_ submission: Submission) async throws -> [DefinitionIntake.Checked] {
        let intake = DefinitionIntake(
            localModels: localModels, keys: keys, data: submission.sent.map(DataSource.sent) ?? .disk(places))
        return try await ComputingPlaces.shared.run {
            try await LongComputation.run { try intake.check(submission.definitions) }
        }
    }

    /// Whether this call has stored the revision says nothing: the one that did may have been cut off by a crash.
    private func begin(
        _ applied: AppliedDefinition, of submission: DefinitionSubmission
    ) async throws -> AppliedDefinition {
        var applied = applied
        let current = try await stores.currentCycle(of: applied.useCase)
        switch Succession(to: applied.revision, after: current, for: submission) {
        case .open, .start: applied.startedCycle = try await cycles.start(applied.useCase, actor: submission.actor)
        case .adopt:
            // A daemon of an older version has stored the revision, and nobody has adopted it.
            _ = try await cycles.start(applied.useCase, actor: submission.actor)
            applied.adoptedByCycle = current?.number
        case .wait: break
        case .settled:
            if let current, applied.adoptedByCycle != nil {
                try await lookAgain(current, after: submission.document.useCase, actor: submission.actor)
            }
        }
        return applied
    }

    /// A cycle at its cap goes on where the cap was changed: what it has paid for is kept. The scheduler does the same a
    /// little later where a crash comes in between.
    private func lookAgain(_ cycle: Cycle, after definition: UseCaseDefinition, actor: String) async throws {
        let before = try await stores.revision(cycle.revision.number - 1, of: cycle.useCase)
        guard cycle.state.isFreed(from: before?.document.useCase.spend, to: definition.spend) else { return }
        do { try await cycles.apply(.retried, to: cycle.id, actor: actor) } catch let error as FledgeError
            where error.code == .cycleRejectedEvent
        {
            // The scheduler was there first.
        }
    }
}
