import FledgeDocument

/// The difference between two definitions, in words.
package enum DefinitionDiff {
    /// One change.
    package struct Change: Codable, Hashable, Sendable {
        package var text: String
        /// Whether it asks for new evidence: see `EvidenceChange`.
        package var isEvidence: Bool

        package init(_ text: String, isEvidence: Bool) {
            self.text = text
            self.isEvidence = isEvidence
        }
    }

    /// - Parameter old: the applied definition; nil for a new use case.
    /// - Returns: one sentence a change, in the definition's order; none when nothing changed.
    package static func changes(from old: UseCaseDefinition?, to new: UseCaseDefinition) -> [String] {
        listed(from: old, to: new).map(\.text)
    }

    /// The same, with what each of them asks for.
    package static func listed(from old: UseCaseDefinition?, to new: UseCaseDefinition) -> [Change] {
        guard let old else { return [Change("new use case \(new.name)", isEvidence: true)] }
        var changes: [Change] = []
        func compare(_ what: String, _ before: String?, _ after: String?, isEvidence: Bool = true) {
            func add(_ text: String) { changes.append(Change(text, isEvidence: isEvidence)) }
            switch (before, after) {
            case (nil, let after?): add("\(what) added: \(after)")
            case (let before?, nil): add("\(what) removed: \(before)")
            case (let before?, let after?) where before != after: add("\(what): \(before) → \(after)")
            default: break
            }
        }
        func compareNamed(
            _ what: String, _ before: [(String, String)], _ after: [(String, String)],
            isEvidence: (String) -> Bool = { _ in true }
        ) {
            func add(_ name: String, _ verb: String) {
                changes.append(Change("\(what) \(name) \(verb)", isEvidence: isEvidence(name)))
            }
            let earlier = Dictionary(before) { first, _ in first }
            let later = Dictionary(after) { first, _ in first }
            for (name, _) in before where later[name] == nil { add(name, "removed") }
            for (name, text) in after {
                if let known = earlier[name] {
                    if known != text { add(name, "changed") }
                } else {
                    add(name, "added")
                }
            }
        }
        compare("purpose", old.purpose, new.purpose, isEvidence: false)
        compare("owner", old.owner, new.owner, isEvidence: false)
        compare("dataset", old.dataset.map(words), new.dataset.map(words))
        let hasPrices = EvidenceChange.weighsCosts(old) || EvidenceChange.weighsCosts(new)
        compareNamed(
            "model", old.models.map { ($0.name, CanonicalJSON.text(of: $0)) },
            new.models.map { ($0.name, CanonicalJSON.text(of: $0)) },
            isEvidence: { evidence(of: $0, in: old, hasPrices) != evidence(of: $0, in: new, hasPrices) })
        compareNamed(
            "prompt", (old.promptPrototype?.prompts ?? []).map { ($0.name, CanonicalJSON.text(of: $0)) },
            (new.promptPrototype?.prompts ?? []).map { ($0.name, CanonicalJSON.text(of: $0)) })
        compare("decoding", json(old.promptPrototype?.decoding), json(new.promptPrototype?.decoding))
        compare("advance", json(old.promptPrototype?.advance), json(new.promptPrototype?.advance))
        compare("rounds", json(old.promptPrototype?.rounds), json(new.promptPrototype?.rounds))
        compare("search", json(old.promptPrototype?.search), json(new.promptPrototype?.search))
        compare("budget", json(old.promptPrototype?.budget), json(new.promptPrototype?.budget))
        compareNamed(
            "criterion", (old.validation?.require ?? []).map { ($0.metric.title, words($0)) },
            (new.validation?.require ?? []).map { ($0.metric.title, words($0)) })
        compare("comparisons", json(old.validation?.comparisons), json(new.validation?.comparisons))
        compare("slices", json(old.validation?.slices), json(new.validation?.slices))
        compare(
            "holdout looks", old.validation.map { "\($0.holdoutLooks)" }, new.validation.map { "\($0.holdoutLooks)" })
        compare("missing answers", json(old.validation?.missingAnswers), json(new.validation?.missingAnswers))
        compare("fine-tune", json(old.fineTune.map(withoutTuning)), json(new.fineTune.map(withoutTuning)))
        compare("sweep", json(old.fineTune?.sweep), json(new.fineTune?.sweep))
        compare("pilot", old.fineTune?.pilot.map(words), new.fineTune?.pilot.map(words))
        compare("forecast", json(old.forecast), json(new.forecast))
        compare("costs", json(old.costs), json(new.costs))
        compare("spend", json(old.spend), json(new.spend), isEvidence: false)
        compare(
            "approval", old.production.map(words), new.production.map(words), isEvidence: false)
        compare("priority", old.priority.map(String.init), new.priority.map(String.init), isEvidence: false)
        compareNamed(
            "report", old.reports.map { (words($0), "") }, new.reports.map { (words($0), "") },
            isEvidence: { _ in false })
        // What none of the lines above names, and the order in which things are named.
        if !changes.contains(where: \.isEvidence), EvidenceChange.isNeeded(from: old, to: new) {
            changes.append(Change("other parts changed", isEvidence: true))
        }
        return changes
    }

    private static func words(_ production: ProductionDefinition) -> String {
        production.approval.rawValue + (production.byAnother == true ? ", by another than the author" : "")
    }

    private static func evidence(
        of name: String, in definition: UseCaseDefinition, _ hasPrices: Bool
    ) -> ModelDefinition? {
        definition.models.first { $0.name == name }.map { EvidenceChange.evidence(of: $0, hasPrices: hasPrices) }
    }

    private static func words(_ dataset: DatasetDefinition) -> String {
        let split = dataset.split.map { ", \($0.prototype) prototype, \($0.holdout) holdout, seed \($0.seed)" } ?? ""
        let group = dataset.group.map { " by \($0)" } ?? ""
        return
            "\(dataset.path) (\(dataset.inputs.joined(separator: ", ")) → \(dataset.expected)\(group)\(split)\(handling(dataset)))"
    }

    private static func handling(_ dataset: DatasetDefinition) -> String {
        var words = dataset.preferences.map { ", \($0.chosen) preferred to \($0.rejected)" } ?? ""
        words += dataset.split?.stratify.map { ", stratified by \($0.rawValue)" } ?? ""
        words += dataset.leaks.map { ", leaks \($0.rawValue)" } ?? ""
        if let personal = dataset.personalData {
            words += personal.mask ? ", personal data masked" : ", personal data"
            if !personal.accept.isEmpty {
                words += " accepted: " + personal.accept.map(\.rawValue).joined(separator: " ")
            }
        }
        return words
    }

    private static func words(_ criterion: CriterionDefinition) -> String {
        let side = if case .atLeast = criterion.bound { "at least" } else { "at most" }
        return "\(criterion.metric.title) \(side) \(criterion.bound.value) with confidence \(criterion.confidence)"
    }

    private static func words(_ schedule: ReportScheduleDefinition) -> String {
        let when =
            switch schedule.recurrence {
            case .daily: "daily"
            case .weekly(let day): "every \(day.rawValue)"
            case .monthly(let day): "monthly on day \(day)"
            }
        return
            "\(when) at \(schedule.time) \(schedule.zone) as \(schedule.formats.map(\.rawValue).joined(separator: ", "))"
    }

    /// Sweep and pilot have lines of their own.
    private static func withoutTuning(_ fineTune: FineTuneDefinition) -> FineTuneDefinition {
        var rest = fineTune
        rest.sweep = nil
        rest.pilot = nil
        return rest
    }

    private static func words(_ pilot: PilotDefinition) -> String {
        let seeds = pilot.seeds.isEmpty ? "" : ", seeds " + pilot.seeds.map(String.init).joined(separator: ", ")
        return "sizes " + pilot.sizes.map(String.init).joined(separator: ", ") + seeds
    }

    private static func json(_ value: (some Encodable)?) -> String? { value.map { CanonicalJSON.text(of: $0) } }
}
