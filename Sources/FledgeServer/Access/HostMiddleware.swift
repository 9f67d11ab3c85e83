import FledgeCore
import Foundation
import Glibc
import Hummingbird

/// Refuses requests that a web page made a browser send: those whose `Host` is not a name of the daemon's (a foreign
/// name that was made to lead here, as in DNS rebinding), and those whose `Origin` is a foreign page.
struct HostMiddleware: RouterMiddleware {
    typealias Context = ControlContext

    let hosts: HostNames

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let authority = request.head.authority, let host = HostNames.host(of: authority), hosts.contains(host)
        else {
            throw FledgeError(
                "access.foreign_host", "the request is not for this daemon: its Host is none of the daemon's names",
                place: "Host",
                hint: "name the host with --host-names, FLEDGE_HOST_NAMES or hostNames where the daemon runs")
        }
        if let origin = request.headers[.origin] {
            guard let url = URLComponents(string: origin), let name = url.host, hosts.contains(HostNames.plain(name))
            else {
                throw FledgeError(
                    "access.foreign_origin", "the request comes from a page of another site", place: "Origin",
                    hint: "use fledge, or a program that sends no Origin")
            }
        }
        return try await next(request, context)
    }
}

/// The names that the daemon answers to on TCP.
struct HostNames: Sendable {
    private let names: Set<String>
    /// Where it listens on every address, any of the machine's may be asked for. An address can't be made to lead elsewhere.
    private let takesAddresses: Bool

    init(listening host: String, others: [String]) {
        let host = Self.plain(host)
        names = Set(
            [host, "localhost", Self.plain(ProcessInfo.processInfo.hostName)] + ["127.0.0.1", "::1"]
                + others.map(Self.plain))
        takesAddresses = ["0.0.0.0", "::"].contains(host)
    }

    func contains(_ host: String) -> Bool { names.contains(host) || takesAddresses && Self.isAddress(host) }

    /// The host of `host:port`, `[::1]:port` or `host`; nil for what is none.
    static func host(of authority: String) -> String? {
        var host = Substring(authority)
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            let rest = host[host.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") && UInt16(rest.dropFirst()) != nil else { return nil }
            host = host[host.index(after: host.startIndex)..<end]
        } else if let colon = host.firstIndex(of: ":") {
            guard UInt16(host[host.index(after: colon)...]) != nil else { return nil }
            host = host[..<colon]
        }
        return host.isEmpty || host.contains("@") ? nil : plain(String(host))
    }

    /// In small letters, without brackets and without the dot that ends a full name.
    static func plain(_ host: String) -> String {
        var name = host.lowercased()
        if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
        if name.hasSuffix("."), name.count > 1 { name.removeLast() }
        return name
    }

    static func isAddress(_ host: String) -> Bool {
        var (four, six) = (in_addr(), in6_addr())
        return inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
    }

    /// Whether only this machine can reach what listens there.
    static func isLoopback(_ host: String) -> Bool {
        let host = plain(host)
        if host == "localhost" || host == "::1" { return true }
        var four = in_addr()
        return inet_pton(AF_INET, host, &four) == 1 && host.hasPrefix("127.")
    }
}
