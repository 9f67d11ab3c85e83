/// Whether this daemon does its work, part by part.
package struct Readiness: Codable, Hashable, Sendable {
    package struct Part: Codable, Hashable, Sendable {
        package var name: String
        package var isReady: Bool
        /// Why not: an error's code, or what is missing. Says nothing of where things are: strangers may read it.
        package var problem: String?

        package init(name: String, problem: String?) {
            self.name = name
            isReady = problem == nil
            self.problem = problem
        }
    }

    package var isReady: Bool
    package var parts: [Part]

    package init(_ parts: [Part]) {
        self.parts = parts
        isReady = parts.allSatisfy(\.isReady)
    }
}
