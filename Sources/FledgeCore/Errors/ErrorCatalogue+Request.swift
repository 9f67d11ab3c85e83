extension ErrorCatalogue {
    /// `request.…`
    static let request: [ErrorEntry] = [
        ErrorEntry(
            "request.bad_limit", .permanent, .usage, http: 400,
            "The limit of a list is no number.",
            "Write a number."),
        ErrorEntry(
            "request.bad_text", .permanent, .usage, http: 400,
            "A text of the request is too long or holds control characters.",
            "Write it on one line, without control characters."),
        ErrorEntry(
            httpPrefix, .permanent, .usage, http: 400,
            "The daemon answered with this HTTP status.",
            "Check the path, and that fledge and fledged are of the same version."),
        ErrorEntry(
            "request.malformed", .permanent, .usage, http: 400,
            "The request's body is not what the route takes.",
            "Check that fledge and fledged are of the same version."),
        ErrorEntry(
            "request.nul_character", .permanent, .usage, http: 400,
            "A text of the request holds a NUL character.",
            "Take it out."),
        ErrorEntry(
            .requestUnauthorized, .needsPerson, .configuration, http: 401,
            "The token is missing, wrong, expired or revoked.",
            "Send a token that is in use."),
    ]
}

extension FledgeError.Code {
    package static let requestBadParameter: Self = "request.http_400"
    package static let requestNotFound: Self = "request.http_404"
    package static let requestNotAllowed: Self = "request.http_405"
    package static let requestUnauthorized: Self = "request.unauthorized"
}
