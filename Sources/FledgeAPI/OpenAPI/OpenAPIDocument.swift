import FledgeCore

/// The OpenAPI document of the control API, made from ``Endpoints``.
package enum OpenAPIDocument {
    /// Made once, when it is first asked for.
    ///
    /// - Throws: ``SchemaFault``.
    package static var document: JSONValue { get throws { try made.get() } }

    /// As it is committed.
    package static var text: String { get throws { try JSONProfile.wire.indentedText(of: document) + "\n" } }

    private static let made = Result { try make(Endpoints.all) }

    static func make(_ endpoints: [any DescribedEndpoint]) throws -> JSONValue {
        let recorder = SchemaRecorder()
        var paths: [String: [String: JSONValue]] = [:]
        for endpoint in endpoints {
            let operation = try OpenAPIOperation(endpoint: endpoint, recorder: recorder).value
            paths[endpoint.facts.path, default: [:]][endpoint.facts.method.rawValue.lowercased()] = operation
        }
        let errorSchema = try recorder.schema(of: FledgeError.self)
        return .object([
            "openapi": .text("3.1.0"),
            "info": .object([
                "title": .text("The control API of fledged"), "version": .text("1"),
                "description": .text(
                    "Over the daemon's Unix socket the kernel says who asks; over TCP a bearer token does. A daemon "
                        + "may answer with members that are not here: a client leaves alone what it does not know."),
            ]),
            "servers": .array([
                .object([
                    "url": .text("http://localhost"), "description": .text("the daemon's socket, or its TCP address"),
                ])
            ]),
            "paths": .object(paths.mapValues(JSONValue.object)),
            "components": .object([
                "schemas": .object(recorder.components), "responses": .object(["Error": response(errorSchema)]),
                "securitySchemes": .object([
                    OpenAPIOperation.tokenScheme: .object([
                        "type": .text("http"), "scheme": .text("bearer"),
                        "description": .text("On TCP; over the socket none is needed."),
                    ])
                ]),
            ]),
        ])
    }

    /// Any other refusal.
    private static func response(_ schema: JSONValue) -> JSONValue {
        let statuses = FledgeError.Disposition.allCases.map { "\($0.rawValue) \($0.httpStatus)" }
        return .object([
            "description": .text(
                "Another code of the catalogue, with the status that it has there or that of its disposition: "
                    + statuses.joined(separator: ", ")),
            "content": .object(["application/json": .object(["schema": schema])]),
        ])
    }
}
