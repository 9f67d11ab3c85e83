import FledgeCore

/// Labels from people, and what they say of judges; see ``ControlAPI`` for what holds for all that is asked. What
/// concerns a judge may throw `label.no_judge`, `label.which_judge` and `label.unknown_metric`.
package protocol LabelAPI: Sendable {
    /// Answers for a person to label, in an order that says nothing of them.
    ///
    /// - Parameters:
    ///   - metric: the judge's name; nil where the definition has one only.
    ///   - count: at most so many; answers that this person has labelled are left out.
    func labelSheet(name: String, metric: String?, count: Int, actor: String) async throws -> LabelSheet
    /// Stores labels, all or none. May be repeated: a later label of the same person's takes the place of the earlier
    /// one.
    ///
    /// - Returns: what the labels say of the judge then.
    /// - Throws: `label.no_answers`, `label.nobody`, `label.unknown_answer`.
    func label(name: String, _ request: LabelRequest) async throws -> JudgeStatus
    /// Every judge of the latest definition.
    func judges(name: String) async throws -> [JudgeStatus]
}
