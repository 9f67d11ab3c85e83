import FledgeAPI
import FledgeCore
import FledgeEngine
import Foundation
import Hummingbird

extension Request {
    /// The body as a value. - Throws: `request.malformed`, `request.nul_character`, or 413 for a body above the limit.
    func value<Value: Decodable>(_ type: Value.Type) async throws -> Value {
        let buffer = try await body.collect(upTo: ControlLimits.maximumBodyBytes)
        let data = Data(buffer.readableBytesView)
        try NULCharacters.refuse(in: data, isDefinition: type == ApplyRequest.self)
        do {
            return try JSONProfile.wire.value(type, from: data)
        } catch {
            throw FledgeError(
                "request.malformed", "the request's body is not what this route takes", place: uri.path,
                hint: "check that fledge and fledged are of the same version")
        }
    }

    /// The use case that the query names; nil for all.
    var useCase: String? { uri.queryParameters.get("use-case") }
}

extension ControlContext {
    /// The name in the path. - Throws: `request.bad_text` (status 400).
    var useCaseName: String {
        get throws {
            let part = try parameters.require("name")
            let name = part.removingPercentEncoding ?? part
            try InboundText.check(name, field: "name")
            return name
        }
    }

    /// The name in the path, of a use case that the caller may do this with.
    func useCase(_ scope: AccessScope, _ api: any ControlAPI) async throws -> String {
        let name = try useCaseName
        try await allow(scope, on: name, api)
        return name
    }

    /// The use case that the query names, or nil for all; and of what belongs to a use case, what the caller may see.
    func useCases(
        _ scope: AccessScope, _ request: Request, _ api: any ControlAPI
    ) async throws -> (name: String?, isSeen: (String?) -> Bool) {
        if let name = request.useCase {
            try await allow(scope, on: name, api)
            return (name, { _ in true })
        }
        try allow(scope)
        guard let names = try await reachable(api) else { return (nil, { _ in true }) }
        return (nil, { $0.map(names.contains) ?? false })
    }
}

extension Response {
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(bytes: try JSONProfile.wire.data(of: value))))
    }
}
