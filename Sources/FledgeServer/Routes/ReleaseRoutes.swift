import FledgeAPI
import FledgeCore
import FledgeEngine

/// Releases, and the pointer to the one in production.
enum ReleaseRoutes {
    static func add(to routes: ControlRoutes) {
        let api = routes.api
        routes.add(Endpoints.releases) { asked, _ in try await api.releases(name: asked.name) }
        routes.add(Endpoints.rollback) { asked, visit in
            try await api.rollback(
                name: asked.name, to: asked.body.number, actor: try visit.actor(asked.body.actor),
                reason: try StatedReason.checked(asked.body.reason))
        }
        routes.add(Endpoints.export) { asked, _ in
            ByteStream(try await api.export(name: asked.name, number: asked.number).pieces)
        }
        // What earlier versions ask: a folder of the daemon's machine, written with the daemon's rights.
        routes.add(Endpoints.exportToFolder) { _, visit in
            throw FledgeError(
                "release.export_outdated", "this daemon sends a release to who asks for it, and writes no folder",
                place: visit.path, hint: "update fledge to the version of the daemon (\(FledgeVersion.current))")
        }
    }
}
