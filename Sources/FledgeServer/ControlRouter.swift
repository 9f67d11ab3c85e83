import FledgeAPI
import FledgeEngine
import Hummingbird

/// The routes of the control API, a subject a file.
enum ControlRouter {
    typealias Context = BasicRequestContext

    /// - Parameter token: what requests must carry; nil where the socket's permissions keep strangers out.
    static func make(
        api: any ControlAPI, token: String?, isReady: @escaping @Sendable () async -> Bool
    ) -> Router<Context> {
        let router = Router(context: Context.self)
        router.add(middleware: ErrorMiddleware())
        router.get("livez") { _, _ in "ok\n" }
        router.get("readyz") { _, _ in
            await isReady()
                ? Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "ok\n")))
                : Response(status: .serviceUnavailable, body: .init(byteBuffer: ByteBuffer(string: "not ready\n")))
        }
        let guarded = router.group()
        if let token { guarded.add(middleware: TokenMiddleware(token: token)) }
        StatusPageRoute(api: api).add(to: guarded)
        let group = guarded.group("v1")
        DefinitionRoutes(api: api).add(to: group)
        UseCaseRoutes(api: api).add(to: group)
        ReleaseRoutes(api: api).add(to: group)
        JobRoutes(api: api).add(to: group)
        LabelRoutes(api: api).add(to: group)
        ReportRoutes(api: api).add(to: group)
        DaemonRoutes(api: api).add(to: group)
        return router
    }
}
