import FledgeCore

/// What a person can ask of the work queue; see ``ControlAPI`` for what holds for all that is asked.
package protocol WorkAPI: Sendable {
    /// Open work in the given states, dead work first; at most `limit` pieces of each state.
    func work(in states: [WorkState], name: String?, limit: Int) async throws -> [WorkView]
    /// Gives dead work all of its attempts again; the work that blocks a use case is retried as `fledge retry` does it.
    ///
    /// - Returns: the work as it stands then.
    /// - Throws: `work.unknown`; `work.not_dead`, also the second time; `work.obsolete` when its use case has gone on
    ///   without it.
    func retryWork(_ id: WorkItemID, actor: String) async throws -> WorkView
}
