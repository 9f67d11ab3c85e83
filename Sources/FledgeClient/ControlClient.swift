import CurlClient
import FledgeAPI
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// The control API of a daemon, behind its Unix socket or at an address of the network.
package struct ControlClient: ControlAPI {
    private enum Way: Sendable {
        case socket
        case network(token: String?)
    }

    /// The socket's path, or the address.
    package let place: String
    private let way: Way
    let curl: CurlClient
    /// Is told how far data is that goes to the daemon; nil for nobody.
    package var progress: (any UploadProgress)?

    package init(socket: String) {
        place = socket
        way = .socket
        curl = CurlClient()
    }

    /// - Parameter server: an `http` or `https` address, without a user or a query.
    package init(server: String, token: String?) {
        place = server.hasSuffix("/") ? String(server.dropLast()) : server
        way = .network(token: token)
        curl = CurlClient()
    }

    package func send(_ command: CycleCommand, to name: String, actor: String) async throws -> UseCaseStatus {
        try await post("use-cases/\(escaped(name))/commands", CommandRequest(command: command, actor: actor))
    }

    package func statuses(name: String?) async throws -> [UseCaseStatus] {
        if let name { return try await get("use-cases/\(escaped(name))") }
        var all: [UseCaseStatus] = []
        while true {
            let page = try await statuses(after: all.last?.name, limit: Self.pageSize)
            all += page
            if page.count < Self.pageSize { return all }
        }
    }

    private static let pageSize = 1000

    package func statuses(after name: String?, limit: Int) async throws -> [UseCaseStatus] {
        try await get("use-cases?limit=\(limit)" + (name.map { "&after=\(escaped($0))" } ?? ""))
    }

    package func history(name: String) async throws -> [HistoryEntry] {
        try await get("use-cases/\(escaped(name))/history")
    }

    package func explain(name: String) async throws -> Explanation {
        try await get("use-cases/\(escaped(name))/explanation")
    }

    package func decision(name: String, number: Int) async throws -> Decision {
        try await get("use-cases/\(escaped(name))/decisions/\(number)")
    }

    package func replay(name: String) async throws -> Replay {
        try await get("use-cases/\(escaped(name))/replay", timeout: .seconds(300))
    }

    /// Every row is compared with the others once more.
    package func dataReport(name: String) async throws -> DataReport {
        try await get("use-cases/\(escaped(name))/data", timeout: .seconds(300))
    }

    package func holdout(name: String) async throws -> HoldoutLedger {
        try await get("use-cases/\(escaped(name))/holdout")
    }

    package func experiments(name: String) async throws -> [CandidateScore] {
        try await get("use-cases/\(escaped(name))/experiments")
    }

    package func jobs(name: String?) async throws -> [TrainingJobView] { try await get("jobs" + query(name)) }

    package func log(job: TrainingJobID) async throws -> [String] { try await get("jobs/\(job)/log") }

    package func golden(job: TrainingJobID) async throws -> GoldenCheck { try await get("jobs/\(job)/golden") }

    /// Asking every server takes as long as the slowest.
    package func models() async throws -> [ModelStatus] { try await get("models", timeout: .seconds(300)) }

    package func releases(name: String) async throws -> [Release] {
        try await get("use-cases/\(escaped(name))/releases")
    }

    package func rollback(name: String, to number: Int, actor: String, reason: String) async throws -> Release {
        try await post(
            "use-cases/\(escaped(name))/rollback", RollbackRequest(number: number, actor: actor, reason: reason))
    }

    package func reports(name: String?) async throws -> [ReportView] { try await get("reports" + query(name)) }

    package func reportNow(name: String?, formats: [ReportFormat]) async throws -> ReportView {
        try await post("reports", ReportNowRequest(useCase: name, formats: formats), timeout: .seconds(120))
    }

    package func daemonStatus() async throws -> DaemonStatus { try await get("daemon") }

    /// Whether the daemon answers and has everything that it needs.
    package func isReady() async -> Bool {
        guard let response = try? await exchange("GET", "/readyz", body: [], timeout: .seconds(5)) else { return false }
        return response.status == 200
    }

    // MARK: - The wire

    func get<Answer: Decodable>(_ path: String, timeout: Duration = .seconds(60)) async throws -> Answer {
        try decoded(try await exchange("GET", "/v1/" + path, body: [], timeout: timeout))
    }

    func post<Answer: Decodable>(
        _ path: String, _ body: some Encodable, timeout: Duration = .seconds(60)
    ) async throws -> Answer {
        let bytes = [UInt8](try WireFormat.encode(body))
        return try decoded(try await exchange("POST", "/v1/" + path, body: bytes, timeout: timeout))
    }

    private func exchange(_ method: String, _ path: String, body: [UInt8], timeout: Duration) async throws
        -> HTTPResponse
    {
        let request = try request(method, path, body: body, timeout: timeout)
        do {
            return try await curl.execute(request)
        } catch {
            throw failure(error)
        }
    }

    /// What comes back piece by piece, as long as it takes, while anything comes.
    func stream(_ path: String) async throws -> HTTPBody {
        var request = try request("GET", "/v1/" + path, body: [], timeout: nil)
        request.stallTimeout = .seconds(60)
        request.maximumBodyBytes = .max
        do {
            let (head, body) = try await curl.stream(request)
            if (200..<300).contains(head.status) { return body }
            var said = Data()
            for try await piece in body {
                said.append(contentsOf: piece)
                guard said.count <= WireFormat.maximumBodyBytes else { break }
            }
            try check(head.status, said)
            return body
        } catch let error as CurlError {
            throw failure(error)
        }
    }

    func request(
        _ method: String, _ path: String, type: String = "application/json", body: [UInt8] = [], timeout: Duration?
    ) throws(FledgeError) -> HTTPRequest {
        var request = HTTPRequest(
            method, "http://localhost" + path, headers: ["Content-Type": type], body: body,
            timeout: timeout, connectTimeout: .seconds(5))
        switch way {
        case .socket:
            if let fault = SocketOwner.fault(of: place) { throw fault }
            request.unixSocketPath = place
        case .network(let token):
            request.url = place + path
            if let token { request.headers.append("Authorization", "Bearer \(token)") }
        }
        return request
    }

    func decoded<Answer: Decodable>(_ response: HTTPResponse) throws -> Answer {
        let data = Data(response.body)
        try check(response.status, data)
        do {
            return try WireFormat.decode(Answer.self, from: data)
        } catch {
            throw FledgeError(
                "daemon.unexpected_answer", "the daemon's answer can't be read", place: place,
                hint: "check that fledge and fledged are of the same version")
        }
    }

    /// - Throws: what the daemon says is wrong.
    private func check(_ status: Int, _ data: Data) throws {
        if status == 401, case .network(let token) = way {
            throw FledgeError(
                "daemon.unauthorized",
                token == nil ? "the daemon wants a token, and none is given" : "the daemon does not take this token",
                place: place,
                hint:
                    "name one in use with --token or \(ControlToken.variable); where the daemon runs, fledge token list "
                    + "shows them")
        }
        guard (200..<300).contains(status) else {
            if let error = try? WireFormat.decode(FledgeError.self, from: data) { throw error }
            if [502, 503, 504].contains(status) {
                throw FledgeError(
                    "daemon.unreachable", "no daemon answers behind that address (status \(status))",
                    place: place, hint: "try again in a moment", exitCode: .tryAgain)
            }
            throw FledgeError(
                "daemon.unexpected_answer", "the daemon answered with status \(status)", place: place,
                hint: "check that fledge and fledged are of the same version")
        }
    }

    func failure(_ error: CurlError) -> any Error {
        switch error.code {
        case .cancelled: CancellationError()
        case .connectionRefused:
            switch way {
            case .socket:
                SocketOwner.refusal(of: place)
                    ?? FledgeError(
                        "daemon.not_running", "the daemon is not running", place: place, hint: "fledge daemon start")
            case .network:
                FledgeError(
                    "daemon.unreachable", "no daemon listens there", place: place,
                    hint: "check the address, and FLEDGE_LISTEN where the daemon runs", exitCode: .unavailable)
            }
        case .dns, .tls, .proxy, .badRequest:
            FledgeError(
                "daemon.unreachable", error.message, place: place,
                hint: "check the address in --server or FLEDGE_SERVER",
                exitCode: .unavailable)
        case .timeout:
            FledgeError(
                "daemon.timeout", "the daemon did not answer in time", place: place,
                hint: "fledge daemon status, then try again")
        default:
            FledgeError(
                "daemon.connection_lost", "the daemon broke the connection: \(error.message)", place: place,
                hint: "fledge daemon status, then try again")
        }
    }

    func query(_ name: String?) -> String { name.map { "?use-case=\(escaped($0))" } ?? "" }

    func escaped(_ part: String) -> String {
        // Only what can never mean anything else in a path or a query.
        let allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~")
        let text = part.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        // An empty part would name the collection instead.
        return text.isEmpty ? "%20" : text
    }
}
