extension FledgeError {
    /// What has to happen before the same may succeed.
    package enum Disposition: String, Hashable, Sendable, CaseIterable {
        /// Nothing: trying again may succeed by itself.
        case transient
        /// The request itself is wrong: the same one fails again.
        case permanent
        /// Somebody has to change something around the request first: settings, keys, money, data, a part.
        case needsPerson
        /// A fault of Fledge's own.
        case `internal`

        /// The disposition of a code that this version does not know, such as a stored one of another version.
        init(of status: ExitStatus) {
            self =
                switch status {
                case .unavailable, .tryAgain: .transient
                case .success, .failed, .inconclusive, .usage, .badData: .permanent
                case .cannotWrite, .configuration: .needsPerson
                case .software: .internal
                }
        }

        /// What the daemon answers with, where the catalogue says nothing else of a code.
        package var httpStatus: Int {
            switch self {
            case .transient: 503
            case .permanent: 422
            case .needsPerson, .internal: 500
            }
        }
    }

    /// What the catalogue says of the code.
    ///
    /// A place that raises a code with `tryAgain` has seen that the cause may pass, as of a trainer that was killed. No
    /// other exit status overrides the catalogue.
    package var disposition: Disposition {
        if exitCode == .tryAgain { return .transient }
        return ErrorCatalogue.entry(of: code)?.disposition ?? Disposition(of: exitCode)
    }
}
