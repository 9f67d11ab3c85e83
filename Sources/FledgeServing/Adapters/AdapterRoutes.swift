import CurlClient
import FledgeCore
import Foundation

/// The routes of a server that are asked about adapters, and what their refusals have in common.
struct AdapterRoutes: Sendable {
    let address: ServerAddress
    let http: CurlClient
    var secrets = SecretReader()

    /// Where the routes lie that are not OpenAI's.
    var root: String { address.root }

    /// The server's list of models, with the adapters that are loaded.
    func models() async throws -> [ListedModel] {
        let response = try await send("GET", address.base + "/models", timeout: .seconds(15))
        guard response.status == 200, let models = ListedModel.list(response.body) else {
            throw ChatClient.failure(of: response)
        }
        return models
    }

    func send(
        _ method: String, _ url: String, body: [String: String]? = nil, timeout: Duration
    ) async throws -> HTTPResponse {
        var request = HTTPRequest(method, url, timeout: timeout)
        if let body {
            request.headers = ["Content-Type": "application/json"]
            request.body = Array(try JSONProfile.foreign.data(of: body))
        }
        address.authorise(&request, with: try secrets.read(for: address))
        do { return try await http.execute(request) } catch let error as CurlError {
            throw ModelFailure.error(error)
        }
    }

    /// Whether the server has no such route: its framework tells that in other words than a missing file.
    static func isUnknown(_ response: HTTPResponse, _ words: ServerWords) -> Bool {
        if response.status == 405 { return true }
        guard response.status == 404 else { return false }
        return words.page != nil || words.message.isEmpty || words.message == "Not Found"
    }

    /// The server's words on one line, at most 300 characters.
    static func line(_ text: String) -> String { String(text.prefix(300).map { $0.isNewline ? " " : $0 }) }
}
