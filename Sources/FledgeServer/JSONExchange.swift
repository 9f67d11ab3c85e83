import FledgeAPI
import FledgeCore
import Foundation
import Hummingbird

extension Request {
    /// The body as a value. - Throws: `request.malformed`, or 413 for a body above the limit.
    func value<Value: Decodable>(_ type: Value.Type) async throws -> Value {
        let buffer = try await body.collect(upTo: WireFormat.maximumBodyBytes)
        do {
            return try WireFormat.decode(type, from: Data(buffer.readableBytesView))
        } catch {
            throw FledgeError(
                "request.malformed", "the request's body is not what this route takes", place: uri.path,
                hint: "check that fledge and fledged are of the same version", exitCode: .usage)
        }
    }

    /// The use case that the query names; nil for all.
    var useCase: String? { uri.queryParameters.get("use-case") }
}

extension BasicRequestContext {
    var useCaseName: String { get throws { try parameters.require("name") } }
}

extension Response {
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(bytes: try WireFormat.encode(value))))
    }
}
