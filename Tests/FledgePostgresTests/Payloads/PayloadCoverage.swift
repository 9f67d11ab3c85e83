/// What a set of values holds of all that values of their types can hold.
struct PayloadCoverage {
    /// Properties that may be empty, as `GateResult.slices`, and cases of enumerations that know all of theirs.
    private(set) var possible: Set<String> = []
    private(set) var covered: Set<String> = []

    var missing: Set<String> { possible.subtracting(covered) }

    mutating func add(_ value: Any) {
        let mirror = Mirror(reflecting: value)
        let name = "\(type(of: value))"
        switch mirror.displayStyle {
        case .optional, .collection, .dictionary, .set, .tuple:
            for child in mirror.children { add(child.value) }
        case .enum:
            if let value = value as? any CaseIterable {
                for other in Self.cases(of: value) { possible.insert("\(name).\(other)") }
            }
            covered.insert("\(name).\(mirror.children.first?.label ?? "\(value)")")
            for child in mirror.children { add(child.value) }
        default:
            for child in mirror.children {
                let property = "\(name).\(child.label ?? "")"
                possible.insert(property)
                if !Self.isEmpty(child.value) { covered.insert(property) }
                add(child.value)
            }
        }
    }

    private static func cases(of value: some CaseIterable) -> [String] { type(of: value).allCases.map { "\($0)" } }

    private static func isEmpty(_ value: Any) -> Bool {
        let mirror = Mirror(reflecting: value)
        return switch mirror.displayStyle {
        case .optional, .collection, .dictionary, .set: mirror.children.isEmpty
        default: false
        }
    }
}
