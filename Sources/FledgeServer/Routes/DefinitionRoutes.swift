import FledgeAPI
import FledgeCore
import FledgeDocument
import FledgeEngine

/// Planning and applying definitions.
struct DefinitionRoutes {
    let api: any ControlAPI

    func add(to routes: ControlRoutes) {
        routes.add(Endpoints.plan) { asked, visit in try await api.plan(try await submission(asked.body, visit)) }
        routes.add(Endpoints.apply) { asked, visit in try await api.apply(try await submission(asked.body, visit)) }
    }

    /// What is asked for, under the caller's name. Both read the data that the definition names.
    private func submission(_ asked: ApplyRequest, _ visit: Visit) async throws -> ApplyRequest {
        var body = asked
        let caller = visit.caller
        body.actor = try caller.actor(claimed: body.actor)
        let definition = body.document.useCase
        if caller.grant.isLimited {
            // Somebody who may only reach an owner's use cases can neither make one of another's nor give one away.
            let isThere: Bool
            do {
                try await visit.context.allow(.operate, on: definition.name, api)
                isThere = true
            } catch let error as FledgeError where error.code == .accessOutOfReach {
                isThere = try await exists(definition.name)
                guard !isThere, caller.grant.reaches(definition.name, owner: definition.owner) else { throw error }
            }
            if isThere, !caller.grant.reaches(definition.name, owner: definition.owner) {
                throw FledgeError(
                    "access.out_of_reach", "\(caller.name) may not give the use case to another owner", place: "owner",
                    hint: "leave the owner as it is")
            }
        }
        return body
    }

    private func exists(_ name: String) async throws -> Bool {
        do { return try await !api.statuses(name: name).isEmpty } catch let error as FledgeError
            where error.code == .useCaseUnknown
        { return false }
    }
}
