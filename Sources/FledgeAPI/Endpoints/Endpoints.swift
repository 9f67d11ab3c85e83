/// Every endpoint of the daemon, a subject a file.
package enum Endpoints {
    /// Each once, in the order in which a reader looks for them.
    package static let all: [any DescribedEndpoint] =
        useCases + definitions + releasing + labels + training + work + limits + reporting + audit + access + daemon
        + probes

    /// Where the control API begins.
    static let root = "/v1/"
}
