import FledgeCore
import FledgeDocument

/// Works out what an edit would do, from what is stored; it changes nothing.
struct EditPlanner: Sendable {
    let stores: any Stores

    func plan(
        _ request: ApplyRequest, _ checked: DefinitionIntake.Checked
    ) async throws -> PlanResult {
        let definition = request.document.useCase
        let useCase = try await stores.useCase(named: definition.name)
        let latest = try await useCase.asyncMap { try await stores.latestRevision(of: $0) } ?? nil
        let cycle = try await useCase.asyncMap { try await stores.currentCycle(of: $0) } ?? nil
        var changes = DefinitionDiff.listed(from: latest?.document.useCase, to: definition)
        let isSameData =
            cycle?.revision.id == latest?.id && cycle?.snapshotSHA256 == checked.submission?.snapshotSHA256
        if latest != nil, !isSameData, checked.submission != nil, !changes.contains(where: \.isEvidence) {
            let isWaiting = cycle.map { $0.revision.id != latest?.id } ?? false
            if !isWaiting { changes.append(.init("the data changed", isEvidence: true)) }
        }
        var result = PlanResult(
            name: definition.name, currentRevision: latest?.number, isNew: !changes.isEmpty,
            changes: changes.map(\.text), diagnostics: checked.diagnostics + checked.readAnew(since: cycle))
        if let submission = checked.submission {
            result.effect = try await effect(of: submission, changes, useCase: useCase, cycle: cycle)
        }
        return result
    }

    private func effect(
        of submission: DefinitionSubmission, _ changes: [DefinitionDiff.Change], useCase: UseCaseID?, cycle: Cycle?
    ) async throws -> EditEffect {
        let definition = submission.document.useCase
        let kind = Self.kind(of: submission, isNew: !changes.isEmpty, cycle: cycle)
        let statuses = try await useCase.asyncMap { _ in try await stores.statuses(useCase: definition.name) }
        let serving = statuses?.first?.serving?.release
        let holdout = try await holdout(of: submission, useCase: useCase)
        var forecast: CycleForecast?
        if kind == .startsCycle || kind == .waitsForCycle {
            let prototype = submission.rows.all(of: .prototype)
            forecast = CycleForecast(
                definition, prototype: prototype.map { ($0.inputs, $0.expected) }, holdout: holdout.usable,
                training: submission.rows.count(of: .training), hasChampion: serving != nil)
        }
        return EditEffect(
            kind: kind, evidence: kind == .adopted ? [] : changes.filter(\.isEvidence).map(\.text),
            cycle: cycle?.number, serving: serving, forecast: forecast, holdout: holdout)
    }

    /// What is left of the holdout that the submission would be judged on.
    func holdout(of submission: DefinitionSubmission, useCase: UseCaseID?) async throws -> HoldoutForecast {
        let rows = submission.rows.all(of: .holdout)
        let spent =
            try await useCase.asyncMap { try await stores.holdoutSpent(on: rows, of: $0) }
            ?? rows.indices.map { .init(example: ExampleID(Int64($0 + 1)), share: 0, looks: 0) }
        let validation = submission.document.useCase.validation ?? ValidationDefinition()
        return try await LongComputation.run { HoldoutForecast(spent: spent, validation: validation) }
    }

    private static func kind(of submission: DefinitionSubmission, isNew: Bool, cycle: Cycle?) -> EditEffect.Kind {
        guard let cycle else { return .startsCycle }
        let definition = submission.document.useCase
        let hasEvidence =
            cycle.snapshotSHA256 == submission.snapshotSHA256
            && !EvidenceChange.isNeeded(from: cycle.definition, to: definition)
        if hasEvidence { return isNew ? .adopted : .none }
        if !isNew, !cycle.state.hasArrived { return .none }
        return cycle.state.hasArrived || cycle.state == .new ? .startsCycle : .waitsForCycle
    }
}
