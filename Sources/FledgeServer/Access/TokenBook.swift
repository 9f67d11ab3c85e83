import FledgeCore
import FledgeEngine
import Foundation

/// The tokens that open the TCP address.
struct TokenBook: Sendable {
    /// The token of the settings, which opens everything; tokens of people and services have replaced it.
    let settings: Digest
    /// The token that opens `/metrics` and nothing else.
    let metrics: Digest?
    let store: (any AccessStore)?
    let now: @Sendable () -> Date

    init(
        network: ControlServer.Network, store: (any AccessStore)?, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        settings = Digest(of: network.token)
        metrics = network.metricsToken.map { Digest(of: $0) }
        self.store = store
        self.now = now
    }

    /// Whose token the header carries; nil where it is nobody's, expired or revoked.
    func caller(_ header: String?, hasMetrics: Bool = false) async throws -> Caller? {
        guard let header, header.lowercased().hasPrefix("bearer ") else { return nil }
        let given = Digest(of: String(header.dropFirst("bearer ".count)))
        var own: [(caller: Caller, digest: Digest)] = [(Self.settingsCaller, settings)]
        if hasMetrics, let metrics { own.append((Self.metricsCaller, metrics)) }
        // These are known without the database: a collector has to be answered also when it is away.
        if let caller = Self.caller(with: given, among: own) { return caller }
        let date = now()
        let others = try await store?.storedTokens() ?? []
        return Self.caller(
            with: given, among: others.filter { $0.token.isUsable(at: date) }.map { ($0.token.caller, $0.sha256) })
    }

    /// Compares with every token, whichever fits, so that the time taken tells nothing.
    private static func caller(with given: Digest, among known: [(caller: Caller, digest: Digest)]) -> Caller? {
        var found: Caller?
        for (caller, digest) in known where isEqual(Array(given.rawValue.utf8), Array(digest.rawValue.utf8)) {
            found = found ?? caller
        }
        return found
    }

    private static let metricsCaller = Caller(name: "token:metrics", grant: AccessGrant(scopes: [.read]))
    private static let settingsCaller = Caller(name: "token:settings", grant: .everything)

    /// Takes the same time wherever the two differ, so that nothing is told by how long it takes.
    static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        var difference: UInt8 = left.count == right.count ? 0 : 1
        for index in right.indices { difference |= right[index] ^ (index < left.count ? left[index] : 0) }
        return difference == 0
    }
}
