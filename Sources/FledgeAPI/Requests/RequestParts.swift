import FledgeCore
import Foundation

/// A request as HTTP carries it: texts in the path and the query, and a body.
package struct RequestParts: Sendable {
    /// Of the path and the query together, in the order in which they are written.
    package var fields: [(key: String, text: String)]
    /// JSON; nil where the request has none.
    package var body: Data?

    package init(fields: [(key: String, text: String)] = [], body: Data? = nil) {
        self.fields = fields
        self.body = body
    }

    /// The first of that key.
    package subscript(key: String) -> String? { fields.first { $0.key == key }?.text }
}

/// A text of the path or the query that is none of the type which the endpoint takes there.
package struct ParameterError: Error {
    package let key: String
    package let text: String
    /// The name of the type.
    package let expected: String
}

/// A request of the wrong form for its endpoint.
package enum RequestFault: Error {
    /// A key that the request has to have is missing.
    case missing(String)
    /// The body is not what the endpoint takes.
    case badBody
    /// The type of the request is nothing that HTTP's parts could carry.
    case unsupported
}

extension Endpoint {
    /// - Throws: ``RequestFault``, ``ParameterError``, and a `FledgeError` where a parameter says itself what is wrong.
    package func request(from parts: RequestParts) throws -> Request {
        try Request(from: RequestPartsDecoder(parts: parts))
    }

    /// - Throws: what encoding the body throws.
    package func parts(of request: Request) throws -> RequestParts {
        let encoder = RequestPartsEncoder()
        try request.encode(to: encoder)
        return encoder.parts
    }

    /// The path, with the query where there is one, that these parts are sent to.
    package func target(of parts: RequestParts) -> String {
        var target = facts.path
        let inPath = Set(facts.pathKeys)
        var query: [String] = []
        for (key, text) in parts.fields {
            if inPath.contains(key) {
                target = target.replacing("{\(key)}", with: Self.escaped(text))
            } else {
                query.append("\(key)=\(Self.escaped(text))")
            }
        }
        return query.isEmpty ? target : target + "?" + query.joined(separator: "&")
    }

    private static func escaped(_ part: String) -> String {
        // Only what can never mean anything else in a path or a query.
        let allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~")
        let text = part.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        // An empty part would name the collection instead.
        return text.isEmpty ? "%20" : text
    }
}
