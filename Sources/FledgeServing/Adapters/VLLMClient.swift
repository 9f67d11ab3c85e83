import CurlClient
import FledgeCore
import FledgeEngine
import Foundation

/// The routes by which vLLM loads adapters and tells what it has loaded.
struct VLLMClient: Sendable {
    struct Model: Hashable, Sendable {
        var id: String
        /// The base that an adapter was loaded onto; nil for a model of its own.
        var parent: String?
    }

    let address: ServerAddress
    let http: CurlClient

    func models() async throws -> [Model] {
        let response = try await send("GET", address.base + "/models", body: nil, timeout: .seconds(15))
        guard response.status == 200, let data = LenientJSON.read(response.body)?["data"]?.elements else {
            throw ChatClient.failure(of: response)
        }
        return data.compactMap { model in
            model["id"]?.text.map { Model(id: $0, parent: model["parent"]?.text) }
        }
    }

    /// Loads the folder under the name; one that is loaded under it already stays.
    func load(_ name: String, path: String) async throws {
        let response = try await send(
            "POST", address.base + "/load_lora_adapter", body: ["lora_name": name, "lora_path": path],
            timeout: .seconds(180))
        guard !(200..<300).contains(response.status) else { return }
        let words = ServerWords(response.body)
        let says = Self.said(words)
        // Another call or daemon was first.
        if response.status == 400, says.lowercased().contains("already") { return }
        if [401, 403].contains(response.status) { throw ChatClient.failure(of: response) }
        throw AdapterProblem.refused(
            path: path, status: response.status, hasRoute: !Self.isUnknownRoute(response, words), says: says)
    }

    /// One that is not there any more is as good.
    func unload(_ name: String) async throws {
        let response = try await send(
            "POST", address.base + "/unload_lora_adapter", body: ["lora_name": name], timeout: .seconds(60))
        guard [200, 400, 404].contains(response.status) else { throw ChatClient.failure(of: response) }
    }

    /// How many adapters the server computes beside each other, as its metrics tell it; nil where they don't.
    func slots() async -> Int? {
        guard address.base.hasSuffix("/v1"),
            let response = try? await send(
                "GET", address.base.dropLast(3) + "/metrics", body: nil, timeout: .seconds(15)),
            response.status == 200,
            let match = String(decoding: response.body, as: UTF8.self).firstMatch(of: /max_lora="(\d+)"/)
        else { return nil }
        return Int(match.1).flatMap { $0 > 0 ? $0 : nil }
    }

    /// A route that the server does not have is told by its framework, in other words than a missing file.
    private static func isUnknownRoute(_ response: HTTPResponse, _ words: ServerWords) -> Bool {
        if response.status == 405 { return true }
        guard response.status == 404 else { return false }
        return words.page != nil || words.message.isEmpty || words.message == "Not Found"
    }

    private static func said(_ words: ServerWords) -> String {
        String((words.page ?? words.message).prefix(300).map { $0.isNewline ? " " : $0 })
    }

    private func send(
        _ method: String, _ url: some StringProtocol, body: [String: String]?, timeout: Duration
    ) async throws -> HTTPResponse {
        var request = HTTPRequest(method, String(url), timeout: timeout)
        if let body {
            request.headers = ["Content-Type": "application/json"]
            request.body = Array(try JSONEncoder().encode(body))
        }
        address.authorise(&request, with: try address.key.map(SecretReader.read))
        do { return try await http.execute(request) } catch let error as CurlError {
            throw ModelFailure.error(error)
        }
    }
}
