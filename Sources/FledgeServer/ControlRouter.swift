import FledgeAPI
import FledgeEngine
import Hummingbird

/// The routes of the control API, a subject a file.
enum ControlRouter {
    typealias Context = BasicRequestContext

    /// - Parameter network: what requests must carry; nil where the socket's permissions keep strangers out.
    static func make(api: any ControlAPI, network: ControlServer.Network?, probes: ControlProbes) -> Router<Context> {
        let router = Router(context: Context.self)
        router.add(middleware: ErrorMiddleware())
        ProbeRoutes(probes: probes).add(to: router, network: network)
        let guarded = router.group()
        if let network { guarded.add(middleware: TokenMiddleware(tokens: [network.token])) }
        StatusPageRoute(api: api).add(to: guarded)
        let group = guarded.group("v1")
        DefinitionRoutes(api: api).add(to: group)
        UseCaseRoutes(api: api).add(to: group)
        ReleaseRoutes(api: api).add(to: group)
        JobRoutes(api: api).add(to: group)
        LabelRoutes(api: api).add(to: group)
        WorkRoutes(api: api).add(to: group)
        LimitRoutes(api: api).add(to: group)
        ReportRoutes(api: api).add(to: group)
        DaemonRoutes(api: api).add(to: group)
        return router
    }
}
