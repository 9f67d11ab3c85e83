import FledgeAPI
import FledgeCore
import FledgeEngine
import Foundation
import Hummingbird

extension Request {
    /// What the path and the query say.
    ///
    /// - Throws: `request.bad_text` (status 400) for a name with control characters.
    func parts(of facts: EndpointFacts, _ context: ControlContext) throws -> RequestParts {
        var parts = RequestParts()
        for key in facts.pathKeys {
            let part = try context.parameters.require(key)
            let text = part.removingPercentEncoding ?? part
            if key == "name" { try InboundText.check(text, field: key) }
            parts.fields.append((key, text))
        }
        parts.fields += uri.queryParameters.map { (String($0.key), String($0.value)) }
        return parts
    }

    /// A body that nobody reads would keep the connection's end from being seen.
    ///
    /// - Throws: `request.malformed` where there is one.
    func requireNoBody() throws(FledgeError) {
        let length = headers[.contentLength]
        guard headers[.transferEncoding] == nil, length == nil || length == "0" else {
            throw FledgeError(
                "request.malformed", "this request takes no body", place: uri.path, hint: "send it without one")
        }
    }

    /// - Parameter isDefinition: whether `document` is a definition, whose own check finds NUL characters in it.
    /// - Throws: `request.nul_character`, or 413 for a body above the limit.
    func bodyData(isDefinition: Bool) async throws -> Data {
        let data = Data(try await body.collect(upTo: ControlLimits.maximumBodyBytes).readableBytesView)
        try NULCharacters.refuse(in: data, isDefinition: isDefinition)
        return data
    }
}

extension Endpoint {
    /// - Throws: `request.malformed`, or status 400 for a part of the path that is not of the type.
    func asked(_ parts: RequestParts, at path: String) throws -> Request {
        do { return try request(from: parts) } catch let error as ParameterError {
            guard facts.pathKeys.contains(error.key) else {
                throw FledgeError("request.malformed", "\(error.key) is none", place: path)
            }
            throw HTTPError(
                .badRequest,
                message: "Parameter '\(error.text)' can not be converted to the expected type (\(error.expected))")
        } catch let fault as RequestFault {
            switch fault {
            case .badBody:
                throw FledgeError(
                    "request.malformed", "the request's body is not what this route takes", place: path,
                    hint: "check that fledge and fledged are of the same version")
            case .missing(let key): throw FledgeError("request.malformed", "\(key) is missing", place: path)
            case .unsupported: throw fault
            }
        }
    }
}

extension ControlContext {
    /// Lets in who may ask. - Throws: `access.…`, `request.unauthorized`, `request.bad_text`.
    func visit(
        _ access: EndpointAccess, _ parts: RequestParts, at path: String, _ api: any ControlAPI
    ) async throws -> Visit {
        var visit = Visit(context: self, caller: try caller, path: path)
        switch access {
        case .open, .known, .command: break
        case .scope(let scope): try allow(scope)
        case .everywhere(let scope): try allowEverywhere(scope)
        case .useCase(let scope): try await allow(scope, on: parts["name"] ?? "", api)
        case .job(let scope): try await allow(scope, onJob: parts["id"] ?? "", api)
        case .socket: try allowTokens()
        case .listed(let scope):
            if let name = parts["use-case"] {
                try await allow(scope, on: name, api)
            } else {
                try allow(scope)
                if let names = try await reachable(api) { visit.isSeen = { $0.map(names.contains) ?? false } }
            }
        }
        return visit
    }

    /// Whether the caller may do this with the use case of a job. A text that is no number is refused when it is read.
    private func allow(_ scope: AccessScope, onJob text: String, _ api: any ControlAPI) async throws {
        try allow(scope)
        guard try caller.grant.isLimited, let id = Int64(text).map(TrainingJobID.init(rawValue:)) else { return }
        try await allow(scope, on: try await api.jobs(name: nil).first { $0.id == id }?.useCase ?? "", api)
    }
}
