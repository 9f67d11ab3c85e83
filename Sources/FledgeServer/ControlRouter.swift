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
        let routes = ControlRoutes(api: api, group: guarded.group(), watchesClients: watchesClients)
        UseCaseRoutes.add(to: routes)
        SubmissionRoutes(api: api, spool: spool, watchesClients: watchesClients).add(to: routes)
        ReleaseRoutes.add(to: routes)
        JobRoutes.add(to: routes)
        LabelRoutes.add(to: routes)
        WorkRoutes.add(to: routes)
        LimitRoutes.add(to: routes)
        ReportRoutes.add(to: routes)
        AuditRoutes.add(to: routes)
        DaemonRoutes.add(to: routes)
        AccessRoutes.add(to: routes)
        return router
    }
}
