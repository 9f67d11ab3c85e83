import FledgeDocument

extension SearchDefinition {
    package var demonstrations: DemonstrationSearch? {
        strategies.lazy.compactMap { if case .demonstrations(let settings) = $0 { settings } else { nil } }.first
    }

    package var reflection: ReflectionSearch? {
        strategies.lazy.compactMap { if case .reflect(let settings) = $0 { settings } else { nil } }.first
    }

    package var hasGrid: Bool { strategies.contains(.grid) }
    package var hasEdits: Bool { strategies.contains(.edits) }
}
