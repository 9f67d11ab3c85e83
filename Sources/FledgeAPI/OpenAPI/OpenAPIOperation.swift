import FledgeCore

/// One endpoint as OpenAPI has it.
struct OpenAPIOperation {
    static let tokenScheme = "token"

    private let facts: EndpointFacts
    private let properties: [SchemaProperty]
    private let answer: JSONValue?
    private let errors: [FledgeError.Code]
    private let errorSchema: JSONValue
    /// Of the line that an upload begins with; nil where there is no upload.
    private let headerSchema: JSONValue?

    init(endpoint: any DescribedEndpoint, recorder: SchemaRecorder) throws {
        facts = endpoint.facts
        properties = try endpoint.requestProperties(recorder)
        answer = try endpoint.answerSchema(recorder)
        errors = endpoint.errors(hasBody: properties.contains { $0.key == RequestPartsEncoder.bodyKey })
        errorSchema = try recorder.schema(of: FledgeError.self)
        headerSchema = try facts.upload.map { _ in try recorder.schema(of: SubmissionHeader.self) }
    }

    var value: JSONValue {
        var members: [String: JSONValue] = [
            "operationId": .text(facts.name), "summary": .text(facts.summary), "responses": .object(responses),
            "description": .text(Self.words(for: facts.access)),
        ]
        if !parameters.isEmpty { members["parameters"] = .array(parameters) }
        if let body = properties.first(where: { $0.key == RequestPartsEncoder.bodyKey }) {
            members["requestBody"] = .object([
                "required": .bool(body.isRequired), "content": Self.content("application/json", body.schema),
            ])
        }
        if let media = facts.upload, let headerSchema {
            members["requestBody"] = .object([
                "required": .bool(true), "content": Self.content(media, .object(["type": .text("string")])),
                "description": .text(
                    "One line of JSON, which x-fledge-header describes, ended by a line feed; then the bytes of the "
                        + "files that it names, in its order."),
                "x-fledge-header": headerSchema,
            ])
        }
        if facts.isDeprecated { members["deprecated"] = .bool(true) }
        let scopes = facts.access.scopes.map { JSONValue.text($0.rawValue) }
        if !scopes.isEmpty { members["x-fledge-scopes"] = .array(scopes) }
        switch facts.access {
        // What the socket alone may ask is asked without a token.
        case .open, .socket: members["security"] = .array([])
        case .known, .scope, .listed, .everywhere, .useCase, .job, .command:
            members["security"] = .array([.object([:]), .object([Self.tokenScheme: .array([])])])
        }
        return .object(members)
    }

    private var parameters: [JSONValue] {
        let inPath = Set(facts.pathKeys)
        return properties.filter { $0.key != RequestPartsEncoder.bodyKey }.map { property in
            .object([
                "name": .text(property.key), "in": .text(inPath.contains(property.key) ? "path" : "query"),
                "required": .bool(property.isRequired), "schema": property.schema,
            ])
        }
    }

    private var responses: [String: JSONValue] {
        var responses: [String: JSONValue] = ["default": .object(["$ref": .text("#/components/responses/Error")])]
        for (status, codes) in Dictionary(grouping: errors, by: Self.status) {
            responses[String(status)] = .object([
                "description": .text(codes.map(\.rawValue).sorted().joined(separator: ", ")),
                "content": Self.content("application/json", errorSchema),
                "x-fledge-errors": .object(
                    Dictionary(codes.map { ($0.rawValue, Self.disposition(of: $0)) }) { first, _ in first }),
            ])
        }
        guard !facts.isDeprecated else { return responses }
        let content =
            switch facts.form {
            case .json: Self.content("application/json", answer ?? .object([:]))
            case .text(let media), .stream(let media):
                Self.content(media, .object(["type": .text("string")]))
            }
        let said: JSONValue = .object(["description": .text(facts.summary), "content": content])
        responses["200"] = said
        if let status = facts.refusalStatus { responses[String(status)] = said }
        return responses
    }

    private static func content(_ media: String, _ schema: JSONValue) -> JSONValue {
        .object([media: .object(["schema": schema])])
    }

    /// What the daemon answers that code with.
    private static func status(of code: FledgeError.Code) -> Int {
        let prefix = ErrorCatalogue.httpPrefix.rawValue
        let text = String(code.rawValue.dropFirst(prefix.count))
        if code.rawValue.hasPrefix(prefix), let status = Int(text) { return status }
        return ErrorCatalogue.entry(of: code)?.httpStatus ?? 500
    }

    private static func disposition(of code: FledgeError.Code) -> JSONValue {
        .text((ErrorCatalogue.entry(of: code)?.disposition ?? .internal).rawValue)
    }

    private static func words(for access: EndpointAccess) -> String {
        switch access {
        case .open: "For everybody."
        case .known: "For whoever has a token or the socket."
        case .scope(let scope): "Needs the scope \(scope.rawValue)."
        case .listed(let scope): "Needs the scope \(scope.rawValue); what the caller may not reach is left out."
        case .everywhere(let scope): "Needs the scope \(scope.rawValue), for all use cases."
        case .useCase(let scope): "Needs the scope \(scope.rawValue), for this use case."
        case .job(let scope): "Needs the scope \(scope.rawValue), for the job's use case."
        case .command(let scopes):
            "Needs the scope \(scopes.map(\.rawValue).joined(separator: " or ")), by the command, for this use case."
        case .socket: "Over the daemon's socket only."
        }
    }
}
