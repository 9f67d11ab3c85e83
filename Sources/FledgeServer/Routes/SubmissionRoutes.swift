import FledgeAPI
import FledgeCore
import FledgeDocument
import FledgeEngine
import Glibc
import Hummingbird
import NIOCore
import NIOPosix

/// Planning and applying definitions, whose data files come with the request.
///
/// The daemon opens no data file that a request names: what it reads is what was sent, under names of its own.
struct SubmissionRoutes {
    let api: any ControlAPI
    let spool: SubmissionSpool
    /// Whether what comes ends when its client goes away.
    let watchesClients: Bool

    func add(to routes: ControlRoutes) {
        routes.group.on(Endpoints.plan.facts) { request, context in
            guard Self.isSubmission(request) else {
                return try Response.json(try await api.plan(try await outdated(request, context)))
            }
            return try await answer(request, context) { try Response.json(try await api.plan($0)) }
        }
        routes.group.on(Endpoints.apply.facts) { request, context in
            guard Self.isSubmission(request) else {
                return try Response.json(try await api.apply(try await outdated(request, context)))
            }
            return try await answer(request, context) { try Response.json(try await api.apply($0)) }
        }
    }

    private static func isSubmission(_ request: Request) -> Bool {
        request.headers[.contentType] == SubmissionHeader.contentType
    }

    private func answer(
        _ request: Request, _ context: ControlContext,
        with body: @escaping @Sendable (Submission) async throws -> Response
    ) async throws -> Response {
        try context.allow(.operate)
        // Before a byte of it is read.
        let most = spool.limits.requestBytes.addingReportingOverflow(Int64(clamping: SubmissionHeader.maximumBytes))
        let length = request.headers[.contentLength].map { text in Int64(text) ?? .max } ?? 0
        guard most.overflow || length <= most.partialValue else { throw SubmissionHeader.tooLarge(spool.limits) }
        var pieces = SubmissionBody(request.body)
        var header = try await pieces.header()
        try header.check(within: spool.limits)
        for index in header.definitions.indices { try await admit(&header.definitions[index], context) }
        return try await spool.holding(header.byteCount, from: context.peer == nil ? .network : .socket) { folder in
            let sent = try await receive(header.files, from: &pieces, in: folder)
            // Whose the use cases are, and who asks, may be otherwise by now: data takes its time.
            guard try await context.isStillIn() else { throw FledgeError.unauthorized }
            var definitions = header.definitions
            for index in definitions.indices { try await admit(&definitions[index], context) }
            let submission = Submission(definitions, sent: sent)
            return try await context.whileClientStays(isWatched: watchesClients) { try await body(submission) }
        }
    }

    private func receive(
        _ files: [SubmissionHeader.File], from pieces: inout SubmissionBody, in folder: SpooledRequest
    ) async throws -> [String: SentFile] {
        var sent: [String: SentFile] = [:]
        for (number, file) in files.enumerated() {
            if let problem = file.problem {
                sent[file.path] = .failed(Self.told(problem, of: file.path))
                continue
            }
            let spooled = try folder.file(number)
            try await pieces.read(file.byteCount) { piece in
                // A disk takes its time: the threads that answer requests don't wait for it.
                try await NIOThreadPool.singleton.runIfActive {
                    try piece.withUnsafeReadableBytes { try spooled.append($0) }
                }
            }
            sent[file.path] = .spooled(spooled.path)
        }
        try await pieces.end()
        return sent
    }

    /// What the client says of a file is told to nobody but the client.
    private static func told(_ problem: FledgeError, of path: String) -> FledgeError {
        let code = problem.code.rawValue.hasPrefix("data.") ? problem.code : "data.unreadable"
        return FledgeError(
            code, InertText.line(problem.message, limit: 1000), place: path,
            hint: problem.hint.map { InertText.line($0, limit: 1000) }, exitCode: .badData)
    }

    // MARK: - Who may

    /// Puts the definition under the caller's name. - Throws: where the caller may not apply it.
    private func admit(_ definition: inout ApplyRequest, _ context: ControlContext) async throws {
        let caller = try context.caller
        definition.actor = try caller.actor(claimed: definition.actor)
        guard caller.grant.isLimited else { return }
        // Somebody who may only reach an owner's use cases can neither make one of another's nor give one away.
        let useCase = definition.document.useCase
        let isThere: Bool
        do {
            try await context.allow(.operate, on: useCase.name, api)
            isThere = true
        } catch let error as FledgeError where error.code == .accessOutOfReach {
            isThere = try await exists(useCase.name)
            guard !isThere, caller.grant.reaches(useCase.name, owner: useCase.owner) else { throw error }
        }
        if isThere, !caller.grant.reaches(useCase.name, owner: useCase.owner) {
            throw FledgeError(
                "access.out_of_reach", "\(caller.name) may not give the use case to another owner", place: "owner",
                hint: "leave the owner as it is")
        }
    }

    private func exists(_ name: String) async throws -> Bool {
        do { return try await !api.statuses(name: name).isEmpty } catch let error as FledgeError
            where error.code == .useCaseUnknown
        { return false }
    }

    // MARK: - Clients of an earlier version

    /// One definition without data, whose file the daemon is to open. Whoever runs the daemon may read that file anyhow; for
    /// anybody else, and over TCP, nothing is read.
    private func outdated(_ request: Request, _ context: ControlContext) async throws -> ApplyRequest {
        try context.allow(.operate)
        guard let peer = context.peer, peer == geteuid() else {
            throw FledgeError(
                "definition.apply_outdated",
                "this daemon reads no data file from its own disk for somebody else: it has to "
                    + "come with the request",
                place: request.uri.path, hint: "update fledge to the version of the daemon (\(FledgeVersion.current))")
        }
        let body = try await request.bodyData(isDefinition: true)
        guard var definition = try? JSONProfile.wire.value(ApplyRequest.self, from: body) else {
            throw FledgeError(
                "request.malformed", "the request's body is not what this route takes", place: request.uri.path,
                hint: "check that fledge and fledged are of the same version")
        }
        definition.dataPath = nil
        try await admit(&definition, context)
        return definition
    }
}
