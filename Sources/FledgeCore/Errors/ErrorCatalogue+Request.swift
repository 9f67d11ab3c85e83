extension ErrorCatalogue {
    /// `request.…`
    static let request: [ErrorEntry] = [
        ErrorEntry(
            "request.bad_file", .permanent, .usage, http: 400,
            "A data file of the request has a path that is none, comes twice, or is named by no definition of the request.",
            "Check that fledge and fledged are of the same version."),
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
            "request.too_large", .permanent, .usage, http: 400,
            "The request brings more data than the daemon takes at once.",
            "Apply fewer definitions at a time, sample the data down, or raise submissionMegabytes where the daemon runs."
        ),
        ErrorEntry(
            "request.too_many_files", .permanent, .usage, http: 400,
            "The request brings more data files than the daemon takes at once.",
            "Apply fewer definitions at a time, or raise submissionFiles where the daemon runs."),
        ErrorEntry(
            "request.too_many_uploads", .transient, .tryAgain,
            "Requests under way bring as much data as the daemon takes at once.",
            "Try again in a moment."),
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
    package static let requestTooLong: Self = "request.http_413"
    package static let requestUnauthorized: Self = "request.unauthorized"
}
