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
        let request = CommandRequest(command: command, actor: actor)
        return try await ask(Endpoints.command, NamedBodyRequest(name: name, request))
    }

    package func statuses(name: String?) async throws -> [UseCaseStatus] {
        if let name { return try await ask(Endpoints.status, NamedRequest(name: name)) }
        var all: [UseCaseStatus] = []
        while true {
            let page = try await statuses(after: all.last?.name, limit: Self.pageSize)
            all += page
            if page.count < Self.pageSize { return all }
        }
    }

    private static let pageSize = 1000

    package func statuses(after name: String?, limit: Int) async throws -> [UseCaseStatus] {
        try await ask(Endpoints.statuses, PageRequest(limit: PageLimit(limit), after: name))
    }

    package func history(name: String) async throws -> [HistoryEntry] {
        try await ask(Endpoints.history, NamedRequest(name: name))
    }

    package func explain(name: String) async throws -> Explanation {
        try await ask(Endpoints.explanation, NamedRequest(name: name))
    }

    package func decision(name: String, number: Int) async throws -> Decision {
        try await ask(Endpoints.decision, DecisionRequest(name: name, number: number))
    }

    package func replay(name: String) async throws -> Replay {
        try await ask(Endpoints.replay, NamedRequest(name: name))
    }

    package func dataReport(name: String) async throws -> DataReport {
        try await ask(Endpoints.dataReport, NamedRequest(name: name))
    }

    package func holdout(name: String) async throws -> HoldoutLedger {
        try await ask(Endpoints.holdout, NamedRequest(name: name))
    }

    package func experiments(name: String) async throws -> [CandidateScore] {
        try await ask(Endpoints.experiments, NamedRequest(name: name))
    }

    package func jobs(name: String?) async throws -> [TrainingJobView] {
        try await ask(Endpoints.jobs, ListRequest(useCase: name))
    }

    package func log(job: TrainingJobID) async throws -> [String] {
        try await ask(Endpoints.jobLog, NumberedRequest(job))
    }

    package func golden(job: TrainingJobID) async throws -> GoldenCheck {
        try await ask(Endpoints.golden, NumberedRequest(job))
    }

    package func models() async throws -> [ModelStatus] { try await ask(Endpoints.models, EmptyRequest()) }

    package func releases(name: String) async throws -> [Release] {
        try await ask(Endpoints.releases, NamedRequest(name: name))
    }

    package func rollback(name: String, to number: Int, actor: String, reason: String) async throws -> Release {
        let request = RollbackRequest(number: number, actor: actor, reason: reason)
        return try await ask(Endpoints.rollback, NamedBodyRequest(name: name, request))
    }

    package func reports(name: String?) async throws -> [ReportView] {
        try await ask(Endpoints.reports, ListRequest(useCase: name))
    }

    package func reportNow(name: String?, formats: [ReportFormat]) async throws -> ReportView {
        try await ask(Endpoints.reportNow, BodyRequest(ReportNowRequest(useCase: name, formats: formats)))
    }

    package func daemonStatus() async throws -> DaemonStatus {
        try await ask(Endpoints.daemonStatus, EmptyRequest())
    }

    /// Whether the daemon answers and has everything that it needs.
    package func isReady() async -> Bool {
        guard let request = try? request(Endpoints.readiness, EmptyRequest()),
            let response = try? await curl.execute(request)
        else { return false }
        return response.status == 200
    }

    // MARK: - The wire

    func ask<Asked, Answer: Decodable>(_ endpoint: Endpoint<Asked, Answer>, _ asked: Asked) async throws -> Answer {
        let request = try request(endpoint, asked)
        let response: HTTPResponse
        do {
            response = try await curl.execute(request)
        } catch {
            throw failure(error)
        }
        return try decoded(response)
    }

    /// What comes back piece by piece, as long as it takes, while anything comes.
    func stream<Asked>(_ endpoint: Endpoint<Asked, ByteStream>, _ asked: Asked) async throws -> HTTPBody {
        var request = try request(endpoint, asked)
        request.timeout = nil
        request.stallTimeout = endpoint.facts.patience
        request.maximumBodyBytes = .max
        do {
            let (head, body) = try await curl.stream(request)
            if (200..<300).contains(head.status) { return body }
            var said = Data()
            for try await piece in body {
                said.append(contentsOf: piece)
                guard said.count <= ControlLimits.maximumBodyBytes else { break }
            }
            try check(head.status, said)
            return body
        } catch let error as CurlError {
            throw failure(error)
        }
    }

    /// A request without a body says so with an empty object where the method has one.
    private func request<Asked, Answer>(_ endpoint: Endpoint<Asked, Answer>, _ asked: Asked) throws -> HTTPRequest {
        let parts = try endpoint.parts(of: asked)
        let empty = endpoint.facts.method == .post ? Data("{}".utf8) : Data()
        return try request(
            endpoint.facts.method.rawValue, endpoint.target(of: parts), body: [UInt8](parts.body ?? empty),
            timeout: endpoint.facts.patience)
    }

    /// - Parameter path: with its query, from the root on.
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
            return try JSONProfile.wire.value(Answer.self, from: data)
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
            if let error = try? JSONProfile.wire.value(FledgeError.self, from: data) { throw error }
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
}
