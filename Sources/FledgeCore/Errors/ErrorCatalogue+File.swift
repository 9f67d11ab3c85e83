extension ErrorCatalogue {
    /// `file.…`
    static let file: [ErrorEntry] = [
        ErrorEntry(
            .fileUnread, .transient, .tryAgain,
            "A file could not be read at this moment, which says nothing about the file.",
            "Look at the disk, the memory and the limit of open files: it is tried again.")
    ]
}

extension FledgeError.Code {
    package static let fileUnread: Self = "file.unread"
}
