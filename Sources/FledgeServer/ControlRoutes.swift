import FledgeAPI
import FledgeCore
import FledgeEngine
import Hummingbird

/// Who asks, as far as an answer depends on it.
struct Visit: Sendable {
    let context: ControlContext
    let caller: Caller
    /// The path that was asked for, without its query.
    let path: String
    /// Of what belongs to use cases, whether the caller may see that of this one.
    var isSeen: @Sendable (String?) -> Bool = { _ in true }

    /// The name that is recorded for the request.
    ///
    /// - Parameter claimed: what the request says.
    /// - Throws: `access.other_actor`, `request.bad_text`.
    func actor(_ claimed: String) throws -> String { try caller.actor(claimed: claimed) }
}

/// Puts endpoints into the router: who may ask, what is asked, and how it is answered, follow from the endpoint.
struct ControlRoutes {
    let api: any ControlAPI
    let group: RouterGroup<ControlContext>
    /// Whether what takes long ends when its client goes away.
    let watchesClients: Bool

    func add<Asked, Answer: Encodable>(
        _ endpoint: Endpoint<Asked, Answer>,
        _ answer: @escaping @Sendable (Asked, Visit) async throws -> Answer
    ) {
        route(endpoint) { asked, visit in try .json(try await answer(asked, visit)) }
    }

    /// An answer that is sent piece by piece.
    func add<Asked>(
        _ endpoint: Endpoint<Asked, ByteStream>,
        _ answer: @escaping @Sendable (Asked, Visit) async throws -> ByteStream
    ) {
        route(endpoint) { asked, visit in
            let pieces = try await answer(asked, visit).pieces
            return Response(
                status: .ok, headers: endpoint.facts.headers,
                body: ResponseBody { writer in
                    for try await piece in pieces { try await writer.write(ByteBuffer(bytes: piece)) }
                    try await writer.finish(nil)
                })
        }
    }

    private func route<Asked, Answer>(
        _ endpoint: Endpoint<Asked, Answer>, _ respond: @escaping @Sendable (Asked, Visit) async throws -> Response
    ) {
        let facts = endpoint.facts
        group.on(facts) { [api, watchesClients] request, context in
            let answer: @Sendable () async throws -> Response = {
                var parts = try request.parts(of: facts, context)
                let visit = try await context.visit(facts.access, parts, at: request.uri.path, api)
                if Asked.self is any BodyCarrying.Type { parts.body = try await request.bodyData(isDefinition: false) }
                return try await respond(try endpoint.asked(parts, at: visit.path), visit)
            }
            guard facts.isLong else { return try await answer() }
            try request.requireNoBody()
            return try await context.whileClientStays(isWatched: watchesClients, answer)
        }
    }
}

extension RouterMethods where Context == ControlContext {
    func on(
        _ facts: EndpointFacts, _ respond: @escaping @Sendable (Request, ControlContext) async throws -> Response
    ) {
        on(RouterPath(facts.path), method: HTTPRequest.Method(facts.method)) { request, context in
            var response = try await respond(request, context)
            if facts.isFresh { response.headers[.cacheControl] = "no-store" }
            return response
        }
    }
}

extension EndpointFacts {
    /// Of an answer that is no JSON.
    var headers: HTTPFields {
        switch form {
        case .json: [.contentType: "application/json; charset=utf-8"]
        case .text(let media), .stream(let media): [.contentType: media]
        }
    }
}

extension HTTPRequest.Method {
    fileprivate init(_ method: EndpointFacts.Method) {
        self =
            switch method {
            case .get: .get
            case .post: .post
            }
    }
}
