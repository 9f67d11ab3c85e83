import FledgeCore

/// Labels from people, and what they say of judges.
package protocol LabelAPI: Sendable {
    /// Answers for a person to label, in an order that says nothing of them.
    ///
    /// - Parameters:
    ///   - metric: the judge's name; nil where the definition has one only.
    ///   - count: at most so many; answers that this person has labelled are left out.
    func labelSheet(name: String, metric: String?, count: Int, actor: String) async throws -> LabelSheet
    /// Stores labels, all or none. - Returns: what the labels say of the judge then.
    func label(name: String, _ request: LabelRequest) async throws -> JudgeStatus
    /// Every judge of the latest definition.
    func judges(name: String) async throws -> [JudgeStatus]
}
