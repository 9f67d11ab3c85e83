/// The order in which a race asks about examples.
package enum ExampleOrder {
    /// Every beginning of the order has the answers in nearly the proportions of the whole, so that the first blocks
    /// already stand for all of it: stratified sampling with proportional allocation (Cochran, *Sampling Techniques*, 1977,
    /// §5.5). Where nearly every answer is different, the order is a plain shuffle.
    ///
    /// - Parameter seed: the same seed gives the same order, whatever the order of the examples.
    package static func stratified(_ examples: [Example], seed: UInt64) -> [Example] {
        let byAnswer = Dictionary(grouping: examples, by: \.expected)
        func draw(_ example: Example) -> UInt64 { StableHash.hash("\(example.group)\u{0}\(example.row)", seed: seed) }
        guard byAnswer.count * 2 <= examples.count else { return examples.sorted { ordered($0, $1, draw) } }
        var places: [(place: Double, example: Example)] = []
        for (answer, rows) in byAnswer {
            let offset = Double(StableHash.hash(answer, seed: seed &+ 1) >> 11) / Double(1 << 53)
            for (index, example) in rows.sorted(by: { ordered($0, $1, draw) }).enumerated() {
                places.append(((Double(index) + offset) / Double(rows.count), example))
            }
        }
        return places.sorted { ($0.place, $0.example.row) < ($1.place, $1.example.row) }.map(\.example)
    }

    private static func ordered(_ left: Example, _ right: Example, _ draw: (Example) -> UInt64) -> Bool {
        (draw(left), left.row) < (draw(right), right.row)
    }
}
