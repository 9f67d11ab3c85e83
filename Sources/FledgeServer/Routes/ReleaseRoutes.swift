import FledgeAPI
import FledgeCore
import FledgeEngine
import Hummingbird

/// Releases, and the pointer to the one in production.
struct ReleaseRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("use-cases/:name/releases") { _, context in
            try Response.json(try await api.releases(name: try await context.useCase(.serve, api)))
        }
        group.post("use-cases/:name/rollback") { request, context in
            let name = try await context.useCase(.operate, api)
            let body = try await request.value(RollbackRequest.self)
            return try Response.json(
                try await api.rollback(
                    name: name, to: body.number, actor: try context.caller.actor(claimed: body.actor),
                    reason: try StatedReason.checked(body.reason)))
        }
        group.get("use-cases/:name/export") { request, context in
            let name = try await context.useCase(.serve, api)
            let number = try request.uri.queryParameters.get("number").map { text in
                guard let number = Int(text) else {
                    throw FledgeError("request.malformed", "number is none", place: request.uri.path)
                }
                return number
            }
            let archive = try await api.export(name: name, number: number)
            return Response(
                status: .ok, headers: [.contentType: ReleaseArchive.contentType],
                body: ResponseBody { writer in
                    for try await piece in archive.pieces { try await writer.write(ByteBuffer(bytes: piece)) }
                    try await writer.finish(nil)
                })
        }
        // What earlier versions ask: a folder of the daemon's machine, written with the daemon's rights.
        group.post("use-cases/:name/export") { request, _ -> Response in
            throw FledgeError(
                "release.export_outdated", "this daemon sends a release to who asks for it, and writes no folder",
                place: request.uri.path, hint: "update fledge to the version of the daemon (\(FledgeVersion.current))")
        }
    }
}
