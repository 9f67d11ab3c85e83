import FledgeCore

extension Endpoints {
    package static let caller = Endpoint<EmptyRequest, CallerView>(
        .init("caller", .get, root + "caller", "Who the daemon takes the caller for", access: .known))
    package static let tokens = Endpoint<EmptyRequest, [AccessToken]>(
        .init("listTokens", .get, root + "tokens", "All tokens, revoked ones too", access: .socket))
    package static let createToken = Endpoint<BodyRequest<TokenRequest>, MadeToken>(
        .init(
            "createToken", .post, root + "tokens", "Makes a token, which is shown this once", access: .socket,
            errors: [
                "token.bad_expiry", "token.bad_name", "token.no_scope", "token.expired", "token.exists.conflict",
            ], isFresh: true))
    package static let revokeToken = Endpoint<NamedRequest, AccessToken>(
        .init(
            "revokeToken", .post, root + "tokens/{name}/revoke", "Takes a token out of use", access: .socket,
            errors: ["token.unknown", "request.bad_text"]))

    static let access: [any DescribedEndpoint] = [caller, tokens, createToken, revokeToken]
}
