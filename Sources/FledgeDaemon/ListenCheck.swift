import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServer
import Foundation
import Glibc

/// Whether the daemon may listen on TCP as it is told to, and what of it should be changed.
struct ListenCheck {
    let network: ControlServer.Network
    let settings: DaemonSettings
    let environment: [String: String]

    /// The least strength of a token in bits, as `TokenStrength` estimates it; a weaker one is refused.
    private static let least = 48.0

    /// - Throws: `configuration.insecure_listen`, `token.weak` (exit 78).
    func warnings(isInsecureMeant: Bool) throws(FledgeError) -> [String] {
        guard network.isLoopback || isInsecureMeant else {
            throw FledgeError(
                "configuration.insecure_listen",
                "the daemon speaks plain HTTP, and others than this machine could reach \(network)",
                hint:
                    "listen on 127.0.0.1 behind a reverse proxy with TLS; or say that such a proxy stands in front, or "
                    + "that the network is yours, with --insecure-listen true, FLEDGE_INSECURE_LISTEN=true or "
                    + "insecureListen")
        }
        var warnings: [String] = []
        if !network.isLoopback {
            warnings.append(
                "\(network) is reached by others and speaks plain HTTP: tokens are seen on the way unless a proxy with TLS "
                    + "stands in front")
        }
        for key in [DaemonSettings.Key.token, .metricsToken] {
            if let given = settings.value(key) { warnings += try self.warnings(of: given) }
        }
        warnings.append(
            "the token of the settings may do everything, and no name stands behind it: give people and services their own "
                + "with fledge token create NAME --scope read,operate --expires 90d")
        return warnings
    }

    private func warnings(of given: DaemonSettings.Value) throws(FledgeError) -> [String] {
        guard let reference = SecretReference(given.text) else { return [] }
        var warnings: [String] = []
        if let token = try reference.read(environment: environment) {
            let bits = TokenStrength.bits(of: token)
            guard bits >= Self.least else {
                throw FledgeError(
                    "token.weak", "the token \(reference) can be guessed", place: given.origin,
                    hint: "make one with: openssl rand -hex 32")
            }
            if bits < TokenStrength.enough {
                warnings.append(
                    "the token \(reference) (\(given.origin)) has fewer than 128 bits by its looks: make another one with "
                        + "openssl rand -hex 32")
            }
        }
        if case .file(let path) = reference {
            var facts = stat()
            if stat(path, &facts) == 0, facts.st_mode & 0o077 != 0 {
                warnings.append("others than its owner may read the token's file: chmod 600 \(path)")
            }
        }
        return warnings
    }
}
