/// A model as `fledge models` shows it.
package struct ModelStatus: Codable, Hashable, Sendable {
    package var name: String
    package var endpoint: String
    package var isReachable: Bool
    package var revision: String?
    package var adapters: [AdapterDigest]
    package var problem: String?
    /// The request's parameters that the server does not take, and that are left out for it.
    package var leftOut: [String]?
    /// Where the weights lie that adapters are trained on, or `packaged`; nil where the model cannot be tuned.
    package var weights: String?
    /// Why the model cannot be tuned; nil where it can.
    package var tuningObstacle: String?
    /// When its server stops serving it; nil where the server doesn't say.
    package var shutdownDate: ShutdownDay?

    package init(
        name: String, endpoint: String, isReachable: Bool, revision: String?, adapters: [AdapterDigest],
        problem: String?, leftOut: [String]? = nil, weights: String? = nil, tuningObstacle: String? = nil,
        shutdownDate: ShutdownDay? = nil
    ) {
        self.shutdownDate = shutdownDate
        self.weights = weights
        self.tuningObstacle = tuningObstacle
        self.name = name
        self.endpoint = endpoint
        self.isReachable = isReachable
        self.revision = revision
        self.adapters = adapters
        self.problem = problem
        self.leftOut = leftOut
    }
}
