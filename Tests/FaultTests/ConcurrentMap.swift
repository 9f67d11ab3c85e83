extension Sequence where Element: Sendable {
    /// Makes a value of each element, so many at once. - Returns: the values in the elements' order.
    func concurrentMap<Value: Sendable>(
        atOnce places: Int, _ body: @escaping @Sendable (Element) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            var values: [Int: Value] = [:]
            for (index, element) in enumerated() {
                if index >= places, let (done, value) = try await group.next() { values[done] = value }
                group.addTask { (index, try await body(element)) }
            }
            for try await (done, value) in group { values[done] = value }
            return values.sorted { $0.key < $1.key }.map(\.value)
        }
    }
}
