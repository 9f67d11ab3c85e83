import FledgeCore
import Foundation
import Synchronization

/// A hub of models with the routes of the Hugging Face hub: it lists a repository's files, and sends on to another origin for
/// the large ones.
package final class FakeHub: Sendable {
    package struct Settings: Sendable {
        package var repository = "team/small"
        package var commit = String(repeating: "a1", count: 20)
        /// By name.
        package var files: [String: [UInt8]] = [:]
        /// Whether files want the token, as a gated repository's do.
        package var token: String?
        /// What it says is the SHA-256 of its large files; nil for the right one.
        package var digest: String?
        /// What it says is the git blob id of its small files; nil for the right one.
        package var blobID: String?
        /// How large files come, one after the other; then whole.
        package var deliveries: [StubDelivery] = []
        package var knowsRanges = true

        package init() {}
    }

    /// A request, as far as it matters here.
    package struct Seen: Hashable, Sendable {
        /// Whether it came to the hub, and not to where it sends on to.
        package var isHub: Bool
        package var path: String
        package var authorization: String?
        package var range: String?
    }

    private struct State {
        var seen: [Seen] = []
        var store: UInt16 = 0
    }

    private struct Listing: Encodable {
        struct File: Encodable {
            struct LargeFile: Encodable {
                var sha256: String
                var size: Int
                var pointerSize = 134
            }

            var rfilename: String
            var size: Int
            var blobId: String
            var lfs: LargeFile?
        }

        var id: String
        var sha: String
        var siblings: [File]
    }

    private let settings: Mutex<Settings>
    private let state = Mutex(State())
    /// Of a file's bytes, as 64 digits.
    private let digest: @Sendable ([UInt8]) -> String

    package init(_ settings: Settings, digest: @escaping @Sendable ([UInt8]) -> String) {
        self.settings = Mutex(settings)
        self.digest = digest
    }

    package var seen: [Seen] { state.withLock(\.seen) }
    package func set(_ change: (inout Settings) -> Void) { settings.withLock { change(&$0) } }

    /// Runs the body with the hub's address.
    nonisolated(nonsending) package func served<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let server = StubHTTPServer { [self] in answer($0) }
        defer { server.close() }
        let hub = try server.listen()
        let store = try server.listen()
        state.withLock { $0.store = store }
        return try await body("http://127.0.0.1:\(hub)")
    }

    private func answer(_ request: StubHTTPServer.Request) -> StubHTTPServer.Response {
        let store = state.withLock { state in
            state.seen.append(
                Seen(
                    isHub: request.port != state.store, path: request.path,
                    authorization: request.headers["authorization"], range: request.headers["range"]))
            return state.store
        }
        let settings = settings.withLock { $0 }
        let name = URL(filePath: String(request.path.prefix { $0 != "?" })).lastPathComponent
        if request.port == store { return object(name, range: request.headers["range"], settings) }
        if request.path == "/api/models/\(settings.repository)/revision/main?blobs=true" { return listing(settings) }
        guard request.path == "/\(settings.repository)/resolve/\(settings.commit)/\(name)",
            let bytes = settings.files[name]
        else { return refusal(404, request.path.hasPrefix("/api/") ? "RepoNotFound" : "EntryNotFound") }
        if let token = settings.token, request.headers["authorization"] != "Bearer \(token)" {
            return refusal(401, "GatedRepo")
        }
        guard Self.isLarge(name) else { return StubHTTPServer.Response(body: bytes) }
        return StubHTTPServer.Response(
            status: 302, headers: [("Location", "http://127.0.0.1:\(store)/objects/\(name)")], body: [])
    }

    private static func isLarge(_ name: String) -> Bool { name.hasSuffix(".safetensors") }

    private func listing(_ settings: Settings) -> StubHTTPServer.Response {
        let files = settings.files.map { name, bytes in
            Listing.File(
                rfilename: name, size: bytes.count,
                blobId: Self.isLarge(name) ? "of the pointer" : settings.blobID ?? GitBlob.id(of: Data(bytes)),
                lfs: Self.isLarge(name)
                    ? Listing.File.LargeFile(sha256: settings.digest ?? digest(bytes), size: bytes.count) : nil)
        }
        let listing = Listing(id: settings.repository, sha: settings.commit, siblings: files)
        return StubHTTPServer.Response(body: (try? JSONEncoder().encode(listing)).map { Array($0) } ?? [])
    }

    private func object(_ name: String, range: String?, _ settings: Settings) -> StubHTTPServer.Response {
        guard let bytes = settings.files[name] else { return refusal(404, "EntryNotFound") }
        let delivery = self.settings.withLock { $0.deliveries.isEmpty ? .whole : $0.deliveries.removeFirst() }
        guard settings.knowsRanges, let range, let start = Int(range.dropFirst("bytes=".count).prefix { $0 != "-" })
        else { return StubHTTPServer.Response(body: bytes, delivery: delivery) }
        guard start < bytes.count else { return refusal(416, "Range") }
        return StubHTTPServer.Response(
            status: 206, headers: [("Content-Range", "bytes \(start)-\(bytes.count - 1)/\(bytes.count)")],
            body: Array(bytes[start...]), delivery: delivery)
    }

    private func refusal(_ status: Int, _ code: String) -> StubHTTPServer.Response {
        StubHTTPServer.Response(
            status: status, headers: [("X-Error-Code", code)], body: Array(#"{"error": "refused"}"#.utf8))
    }
}
