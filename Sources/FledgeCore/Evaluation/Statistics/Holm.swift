/// Holm's step-down procedure (Scandinavian Journal of Statistics 6, 1979): several claims at once, any of them false with
/// probability at most α, whatever their dependence.
package enum Holm {
    /// p-values adjusted so that each may be compared with α itself, in the order given.
    package static func adjusted(_ pValues: [Double]) -> [Double] {
        var adjusted = pValues
        var running = 0.0
        for (rank, index) in pValues.indices.sorted(by: { pValues[$0] < pValues[$1] }).enumerated() {
            running = max(running, min(1, pValues[index] * Double(pValues.count - rank)))
            adjusted[index] = running
        }
        return adjusted
    }
}
