import FledgeDocument

/// The difference between two definitions, in words.
package enum DefinitionDiff {
    /// - Parameter old: the applied definition; nil for a new use case.
    /// - Returns: one sentence a change, in the definition's order; none when nothing changed.
    package static func changes(from old: UseCaseDefinition?, to new: UseCaseDefinition) -> [String] {
        guard let old else { return ["new use case \(new.name)"] }
        var changes: [String] = []
        func compare(_ what: String, _ before: String?, _ after: String?) {
            switch (before, after) {
            case (nil, let after?): changes.append("\(what) added: \(after)")
            case (let before?, nil): changes.append("\(what) removed: \(before)")
            case (let before?, let after?) where before != after: changes.append("\(what): \(before) → \(after)")
            default: break
            }
        }
        func compareNamed(_ what: String, _ before: [(String, String)], _ after: [(String, String)]) {
            let earlier = Dictionary(before) { first, _ in first }
            let later = Dictionary(after) { first, _ in first }
            for (name, _) in before where later[name] == nil { changes.append("\(what) \(name) removed") }
            for (name, text) in after {
                if let known = earlier[name] {
                    if known != text { changes.append("\(what) \(name) changed") }
                } else {
                    changes.append("\(what) \(name) added")
                }
            }
        }
        compare("purpose", old.purpose, new.purpose)
        compare("owner", old.owner, new.owner)
        compare("dataset", old.dataset.map(words), new.dataset.map(words))
        compareNamed(
            "model", old.models.map { ($0.name, CanonicalJSON.text(of: $0)) },
            new.models.map { ($0.name, CanonicalJSON.text(of: $0)) })
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
        compare("spend", json(old.spend), json(new.spend))
        compare("approval", old.production?.approval.rawValue, new.production?.approval.rawValue)
        compare("priority", old.priority.map(String.init), new.priority.map(String.init))
        compareNamed("report", old.reports.map { (words($0), "") }, new.reports.map { (words($0), "") })
        return changes
    }

    private static func words(_ dataset: DatasetDefinition) -> String {
        let split = dataset.split.map { ", \($0.prototype) prototype, \($0.holdout) holdout, seed \($0.seed)" } ?? ""
        let group = dataset.group.map { " by \($0)" } ?? ""
        return
            "\(dataset.path) (\(dataset.inputs.joined(separator: ", ")) → \(dataset.expected)\(group)\(split)\(handling(dataset)))"
    }

    private static func handling(_ dataset: DatasetDefinition) -> String {
        var words = dataset.split?.stratify.map { ", stratified by \($0.rawValue)" } ?? ""
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
