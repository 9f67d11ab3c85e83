import FledgeCore

extension ControlService {
    package func labelSheet(name: String, metric: String?, count: Int, actor: String) async throws -> LabelSheet {
        try await labels.sheet(for: try await cycle(of: name), metric: metric, count: count, actor: actor)
    }

    package func label(name: String, _ request: LabelRequest) async throws -> JudgeStatus {
        try await labels.label(request, for: try await cycle(of: name))
    }

    package func judges(name: String) async throws -> [JudgeStatus] {
        try await labels.judges(of: try await cycle(of: name))
    }

    private var labels: LabelService {
        LabelService(
            stores: stores, models: ServerDirectory(stores: stores, catalog: catalog, artifacts: artifacts), now: now)
    }

    private func cycle(of name: String) async throws -> Cycle {
        guard let cycle = try await stores.currentCycle(of: try await known(name)) else {
            throw FledgeError(
                "use_case.no_cycle", "\(name) has no cycle yet", hint: "fledge apply starts one")
        }
        return cycle
    }
}
