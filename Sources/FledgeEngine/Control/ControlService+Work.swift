import FledgeCore

extension ControlService {
    package func work(in states: [WorkState], name: String?, limit: Int) async throws -> [WorkView] {
        if let name { _ = try await known(name) }
        return try await stores.work(
            in: Set(states.isEmpty ? WorkState.open : states), useCase: name, limit: min(max(limit, 1), 10_000))
    }

    package func retryWork(_ id: WorkItemID, actor: String) async throws -> WorkView {
        guard let found = try await stores.work(id) else {
            throw FledgeError(
                "work.unknown", "there is no work item \(id)", hint: "fledge work lists them")
        }
        guard found.view.state == .dead else { throw notDead(found.view) }
        if let id = found.cycle {
            let cycle = try await stores.cycle(id)
            if cycle.state.block != nil {
                // The cycle asks for its work anew, and brings all that has died of it back.
                try await cycles.apply(.retried, to: id, actor: actor)
            } else if found.view.kind == CycleAction.Kind.notify.rawValue {
                guard try await stores.revive(found.view.id) else { throw notDead(found.view) }
            } else {
                throw FledgeError(
                    "work.obsolete",
                    "\(found.view.useCase ?? "its use case") has gone on without work item \(found.view.id)",
                    hint: "fledge status shows where it stands")
            }
        } else {
            guard try await stores.revive(id) else { throw notDead(found.view) }
        }
        return try await stores.work(id)?.view ?? found.view
    }

    private func notDead(_ view: WorkView) -> FledgeError {
        FledgeError(
            "work.not_dead", "work item \(view.id) is \(view.state.rawValue), not dead",
            hint: "only dead work can be retried: fledge work --state dead")
    }
}
