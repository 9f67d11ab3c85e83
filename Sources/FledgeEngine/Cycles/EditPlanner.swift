import FledgeCore
import FledgeDocument

/// Works out what an edit would do, from what is stored; it changes nothing.
struct EditPlanner: Sendable {
    let stores: any CycleStore & HoldoutStore & StatusStore

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
            result.effect = try await effect(
                of: submission, changes, useCase: useCase, latest: latest?.number, cycle: cycle)
        }
        return result
    }

    private func effect(
        of submission: DefinitionSubmission, _ changes: [DefinitionDiff.Change], useCase: UseCaseID?, latest: Int?,
        cycle: Cycle?
    ) async throws -> EditEffect {
        let definition = submission.document.useCase
        let kind = Self.kind(of: submission, isNew: !changes.isEmpty, latest: latest, cycle: cycle)
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

    /// - Parameter latest: the number of the newest revision that is stored.
    private static func kind(
        of submission: DefinitionSubmission, isNew: Bool, latest: Int?, cycle: Cycle?
    ) -> EditEffect.Kind {
        let revision = (latest ?? 0) + (isNew ? 1 : 0)
        return switch Succession(to: revision, after: cycle, for: submission) {
        case .open, .start: .startsCycle
        case .adopt: .adopted
        case .wait: isNew ? .waitsForCycle : .none
        case .settled: .none
        }
    }
}

extension Succession {
    /// Of a submission, stored as the revision of that number.
    init(to revision: Int, after cycle: Cycle?, for submission: DefinitionSubmission) {
        let hasEvidence =
            cycle.map { cycle in
                Self.hasEvidence(
                    of: cycle.definition, for: submission.document.useCase,
                    isSameData: cycle.snapshotSHA256 == submission.snapshotSHA256)
            } ?? false
        self.init(to: revision, after: cycle.map(Incumbent.init), hasEvidence: hasEvidence)
    }
}
