import FledgeCore
import FledgeEngine
import Hummingbird

/// The daemon itself, and the model servers that it reaches.
struct DaemonRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("daemon") { _, context in
            try context.allow(.read)
            return try Response.json(try await api.daemonStatus())
        }
        group.get("models") { _, context in
            try context.allowEverywhere(.read)
            return try Response.json(try await api.models())
        }
    }
}
