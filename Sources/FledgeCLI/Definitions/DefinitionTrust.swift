import FledgeCore
import FledgeEngine

/// Which definitions are compiled and run without a sandbox, and can then do whatever their user can.
package enum DefinitionTrust: Hashable, Sendable {
    case none
    /// Those of these contents, where they would be refused because this machine has no sandbox.
    case whereNoSandbox(Set<Digest>)
    case all

    package static let variable = EnvironmentVariable.trust.rawValue

    /// - Parameter isSaid: whether the command line says so.
    init(isSaid: Bool, environment: [String: String]) {
        self = isSaid || ["1", "true"].contains(environment[Self.variable]) ? .all : .none
    }
}
