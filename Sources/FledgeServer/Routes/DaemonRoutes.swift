import FledgeEngine
import Hummingbird

/// The daemon itself, and the model servers that it reaches.
struct DaemonRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("daemon") { _, _ in try Response.json(try await api.daemonStatus()) }
        group.get("models") { _, _ in try Response.json(try await api.models()) }
    }
}
