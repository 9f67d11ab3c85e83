/// How far the free answers of a served adapter have to agree with the trainer's.
package enum TextBar {
    /// The share of words, up to the first difference of each answer, below which an adapter is refused.
    package static let floor = 0.93
    /// How often an adapter is refused whose answers agree as far as the base's do, at the most.
    package static let alpha = 0.01

    /// - Parameter base: how far the base's answers agree, which is what serving costs; nil where the trainer did not ask it.
    package static func passes(_ text: TextAgreement, base: TextAgreement?) -> Bool {
        guard text.share >= floor else { return false }
        guard let base, base.words > 0 else { return true }
        return FisherExact.fewer(text.agreeing, of: text.words, than: base.agreeing, of: base.words) >= alpha
    }
}
