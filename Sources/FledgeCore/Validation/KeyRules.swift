import FledgeDocument
import Foundation

/// Which keys may be read for definitions, and where each may be sent: the word of whoever runs the daemon, for a
/// definition's author names both the key and the address.
package struct KeyRules: Hashable, Sendable {
    /// Allows nothing.
    package static let none = KeyRules(hosts: [:])

    /// By a variable's name, or by the absolute path of a file or of a folder with files.
    package let hosts: [String: Set<ServerHost>]
    /// What is never read for a definition, whatever is allowed.
    package var own = OwnSecrets()

    /// What the daemon itself goes by.
    package struct OwnSecrets: Hashable, Sendable {
        package var variables: Set<String> = []
        /// Variables that begin like this.
        package var prefixes: Set<String> = []
        /// Files, and folders with all that is in them.
        package var paths: Set<String> = []

        package init() {}

        func has(_ name: String) -> Bool { variables.contains(name) || prefixes.contains(where: name.hasPrefix) }
    }

    package init(hosts: [String: Set<ServerHost>]) { self.hosts = hosts }

    /// Why a key may not be sent to an address.
    package struct Fault: Hashable, Sendable {
        package let message: String
        package let hint: String
    }

    /// Reads `{"EXAMPLE_API_KEY": ["api.example.com"], "/etc/fledge/keys": ["127.0.0.1:8000"]}`, or the same as
    /// `EXAMPLE_API_KEY=api.example.com;/etc/fledge/keys=127.0.0.1:8000,gpu-1:8000`. Nil for anything else.
    package init?(_ text: String) {
        guard let lists = text.hasPrefix("{") ? Self.object(text) : Self.list(text) else { return nil }
        var hosts: [String: Set<ServerHost>] = [:]
        for (name, places) in lists {
            let read = places.compactMap { ServerHost($0) }
            guard !read.isEmpty, read.count == places.count,
                name.hasPrefix("/") ? Self.isPlainPath(name) : DefinitionValidator.isVariable(name)
            else { return nil }
            hosts[name] = Set(read)
        }
        self.init(hosts: hosts)
    }

    private static func object(_ text: String) -> [String: [String]]? {
        try? JSONProfile.foreign.value([String: [String]].self, from: text)
    }

    private static func list(_ text: String) -> [String: [String]]? {
        var lists: [String: [String]] = [:]
        for entry in text.split(separator: ";") {
            guard let equals = entry.lastIndex(of: "=") else { return nil }
            let name = entry[..<equals].trimmingCharacters(in: .whitespaces)
            let places = entry[entry.index(after: equals)...].split(separator: ",")
            lists[name, default: []] += places.map { $0.trimmingCharacters(in: .whitespaces) }
        }
        return lists
    }

    /// Absolute, and without parts that lead elsewhere.
    package static func isPlainPath(_ path: String) -> Bool {
        path.hasPrefix("/") && path.count > 1
            && path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    /// The names and paths that are allowed, and that are the daemon's own.
    package var ownAllowed: [String] {
        hosts.keys.filter { $0.hasPrefix("/") ? lies($0, in: own.paths) : own.has($0) }.sorted()
    }

    /// - Parameter real: where a path leads to, links followed; nil where nothing is there.
    /// - Returns: nil where the key may be sent.
    package func fault(
        of reference: SecretReference, to url: String, real: (String) -> String? = { $0 }
    ) -> Fault? {
        guard let host = ServerHost(url: url) else {
            return Fault(
                message: "the key \(reference) is not sent to an address whose host is not plain",
                hint: "write a host and a path, as in https://api.example.com/v1")
        }
        switch reference {
        case .env(let name):
            if own.has(name) { return ownFault(reference) }
            return hosts[name]?.contains(host) == true ? nil : refusal(reference, named: name, host)
        case .file(let path):
            guard Self.isPlainPath(path) else {
                return Fault(
                    message: "the key \(reference) is not given by an absolute path without . and ..",
                    hint: "write .file(\"/etc/fledge/keys/NAME\")")
            }
            let target = real(path)
            let ownPaths = own.paths.union(own.paths.compactMap(real))
            if lies(path, in: ownPaths) || target.map({ lies($0, in: ownPaths) }) == true {
                return ownFault(reference)
            }
            let isAllowed = hosts.contains { place, hosts in
                guard place.hasPrefix("/"), hosts.contains(host) else { return false }
                if place == path { return true }
                // What is named through a link out of an allowed folder is not in that folder.
                return lies(path, in: [place]) && (target.map { lies($0, in: [real(place) ?? place]) } ?? true)
            }
            return isAllowed ? nil : refusal(reference, named: path, host)
        }
    }

    private func lies(_ path: String, in places: Set<String>) -> Bool {
        places.contains { path == $0 || path.hasPrefix($0 + "/") }
    }

    private func ownFault(_ reference: SecretReference) -> Fault {
        Fault(
            message: "\(reference) is the daemon's own, and is never read for a definition",
            hint: "give the model's server a key of its own")
    }

    private func refusal(_ reference: SecretReference, named name: String, _ host: ServerHost) -> Fault {
        let places = ((hosts[name] ?? []).union([host])).map { "\"\($0)\"" }.sorted().joined(separator: ", ")
        return Fault(
            message: "the key \(reference) may not be sent to \(host)",
            hint: "who runs the daemon allows it with a line in its settings: \"keys\": {\"\(name)\": [\(places)]}")
    }
}

extension KeyRules {
    /// Every model of the definition whose key may not go to its address.
    package func diagnostics(
        for document: DefinitionDocument, real: (String) -> String? = { $0 }
    ) -> [Diagnostic] {
        document.useCase.models.enumerated().compactMap { index, model in
            guard let key = model.endpoint.key, let url = model.endpoint.url,
                let fault = fault(of: key, to: url, real: real)
            else { return nil }
            return Diagnostic(
                severity: .error, code: "models.key_not_allowed", message: "\(model.name): \(fault.message)",
                file: document.sourceFile,
                line: document.locations["models[\(index)]"] ?? document.locations["useCase"], hint: fault.hint)
        }
    }
}
