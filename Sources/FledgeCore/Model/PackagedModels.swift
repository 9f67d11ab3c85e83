/// The models that come with Fledge, and can be named with `at: .local`.
package enum PackagedModels {
    package static let names = digests.keys.sorted()

    /// The SHA-256 of each model's file.
    package static let digests = [
        "smollm2-135m-instruct": Digest(
            rawValue: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")
    ].compactMapValues { $0 }
}
