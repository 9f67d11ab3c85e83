import FledgeDocument

extension DefinitionValidator {
    /// More demonstration sets than this in one round are a slip of the pen.
    private static let maximumCandidates = 512

    static func checkSearch(_ search: SearchDefinition?, of useCase: UseCaseDefinition, _ findings: inout Findings) {
        guard let search else { return }
        let place = "promptPrototype.search"
        if search.strategies.isEmpty {
            findings.error(
                "search.none", "the search has no strategy", at: place,
                hint: "Search(.grid, .edits, .demonstrations(sets: 8, sizes: 4, 8))")
        }
        let kinds = search.strategies.map(\.title)
        for kind in Set(kinds).sorted() where kinds.filter({ $0 == kind }).count > 1 {
            findings.error(
                "search.duplicate", "the search names \(kind) twice", at: place, hint: "keep one of them")
        }
        for strategy in search.strategies {
            switch strategy {
            case .grid, .edits: break
            case .demonstrations(let settings): check(settings, of: useCase, at: place, &findings)
            case .reflect(let settings):
                if !useCase.models.contains(where: { $0.name == settings.model }) {
                    findings.error(
                        "search.unknown_model", "reflection asks \(settings.model), which is no model of this use case",
                        at: place,
                        hint: Suggestion.hint(
                            for: settings.model, among: useCase.models.map(\.name),
                            else: "name a model of the Models block"))
                }
                if !(1...32).contains(settings.proposals) {
                    findings.error(
                        "search.bad_proposals", "\(settings.proposals) proposals cannot be asked for", at: place,
                        hint: "1 to 32 in a round")
                }
            }
        }
    }

    private static func check(
        _ settings: DemonstrationSearch, of useCase: UseCaseDefinition, at place: String, _ findings: inout Findings
    ) {
        if settings.sizes.isEmpty || settings.sizes.contains(where: { $0 < 1 })
            || Set(settings.sizes).count != settings.sizes.count
        {
            findings.error(
                "search.bad_sizes", "the sizes of demonstration sets are missing, repeated or below 1", at: place,
                hint: ".demonstrations(sets: 8, sizes: 4, 8)")
        }
        if settings.sets < 1 || settings.sets > maximumCandidates / max(1, settings.sizes.count) {
            findings.error(
                "search.bad_sets", "\(settings.sets) sets of each size cannot be drawn", at: place,
                hint: "1 set or more, and at most \(maximumCandidates) of all sizes")
        }
        let available = (useCase.dataset?.split?.prototype ?? 0) / 3
        if useCase.dataset?.split != nil, let most = settings.sizes.max(), most > available {
            findings.error(
                "search.too_many_demonstrations",
                "\(most) demonstrations are asked for, and a third of the prototype split, \(available) rows, may be shown",
                at: place, hint: "show fewer, or make the prototype split larger")
        }
    }
}

extension SearchStrategy {
    /// The strategy's name for people and for a candidate's lineage.
    package var title: String {
        switch self {
        case .grid: "grid"
        case .edits: "edits"
        case .demonstrations: "demonstrations"
        case .reflect: "reflect"
        }
    }
}
