extension ErrorCatalogue {
    /// `cache.…`
    static let cache: [ErrorEntry] = [
        ErrorEntry(
            "cache.not_writable", .needsPerson, .cannotWrite, http: 507,
            "The trainer's scripts can't be written into the cache.",
            "Name another folder with FLEDGE_CACHE_HOME.")
    ]
}
