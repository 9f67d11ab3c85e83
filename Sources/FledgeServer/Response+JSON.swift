import FledgeCore
import FledgeAPI
import Hummingbird

extension Response {
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(bytes: try JSONProfile.wire.data(of: value))))
    }

    /// An answer that is no JSON, all at once.
    static func text(_ text: String, _ facts: EndpointFacts) -> Response {
        Response(status: .ok, headers: facts.headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
