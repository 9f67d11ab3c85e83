extension ErrorCatalogue {
    /// `secret.…`
    static let secret: [ErrorEntry] = [
        ErrorEntry(
            .secretUnreadable, .needsPerson, .configuration,
            "The file that a secret is in is there, and can't be read.",
            "Let the user that it is read as read it, as one line of UTF-8.")
    ]
}

extension FledgeError.Code {
    package static let secretUnreadable: Self = "secret.unreadable"
}
