import FledgeAPI
import FledgeEngine
import Hummingbird

/// The routes of the control API, a subject a file.
enum ControlRouter {
    typealias Context = ControlContext

    /// What keeps strangers out.
    enum Door {
        /// The socket's permissions; the kernel says who it is.
        case socket
        /// A token, and a Host that is ours.
        case network(TokenBook, HostNames)
    }

    /// - Parameters:
    ///   - spool: where data that comes with requests lies meanwhile.
    ///   - watchesClients: whether what takes long ends when its client goes away; only what comes over a connection has a
    ///     client to watch.
    static func make(
        api: any ControlAPI, door: Door, probes: ControlProbes, spool: SubmissionSpool, watchesClients: Bool = true
    ) -> Router<Context> {
        let router = Router(context: Context.self)
        router.add(middleware: ErrorMiddleware())
        router.add(middleware: NULMiddleware())
        ProbeRoutes(probes: probes).add(to: router, door: door)
        let guarded = router.group()
        switch door {
        case .socket:
            guarded.add(middleware: PeerMiddleware())
            StatusPageRoute(api: api).add(to: guarded)
        case .network(let book, let hosts):
            guarded.add(middleware: HostMiddleware(hosts: hosts))
            guarded.add(middleware: TokenMiddleware(book: book))
            StatusPageRoute.refuse(in: guarded)
        }
        let group = guarded.group("v1")
        SubmissionRoutes(api: api, spool: spool, watchesClients: watchesClients).add(to: group)
        let long = group.group()
        if watchesClients { long.add(middleware: DepartureMiddleware()) }
        UseCaseRoutes(api: api).add(to: group, long: long)
        ReleaseRoutes(api: api).add(to: group)
        JobRoutes(api: api).add(to: group)
        LabelRoutes(api: api).add(to: group)
        WorkRoutes(api: api).add(to: group)
        LimitRoutes(api: api).add(to: group)
        ReportRoutes(api: api).add(to: group)
        AuditRoutes(api: api).add(to: group, long: long)
        DaemonRoutes(api: api).add(to: group)
        AccessRoutes(api: api).add(to: group)
        return router
    }
}
