import FledgeCore
import FledgeDocument

extension ControlService {
    package func spends(name: String?) async throws -> [UseCaseSpend] {
        if let name { _ = try await known(name) }
        return try await stores.spends(useCase: name)
    }

    package func settle(job: TrainingJobID, as settlement: JobSettlement, actor: String) async throws
        -> TrainingJobView
    {
        let cycle = try await stores.cycle(try await stores.settle(job, as: settlement, actor: actor))
        // Where a crash comes in between, the job is settled, and a retry by hand does the rest.
        if cycle.state.block?.code == CycleState.Block.unknownJob {
            try await cycles.apply(.retried, to: cycle.id, actor: actor)
        }
        guard let view = try await stores.jobs(useCase: cycle.definition.name).first(where: { $0.id == job }) else {
            throw FledgeError("job.unknown", "there is no training job \(job)", hint: "fledge jobs")
        }
        return view
    }
}
