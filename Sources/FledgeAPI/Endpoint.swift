import FledgeCore

/// One endpoint of the control API: the client's call, the daemon's route and its entry in the OpenAPI document are
/// made of it.
///
/// `Request` is decoded from, and encoded to, the parts that HTTP has: the property whose key is `body` is the body,
/// one whose key stands in the path's braces is a part of the path, and every other is a parameter of the query.
package struct Endpoint<Request: Codable & Sendable, Answer: Sendable>: Sendable {
    package let facts: EndpointFacts
    /// The answer's schema, where it is JSON.
    let makeAnswerSchema: @Sendable (SchemaRecorder) throws -> JSONValue?

    /// An endpoint that answers with JSON.
    init(_ facts: EndpointFacts) where Answer: Decodable {
        self.facts = facts
        makeAnswerSchema = { try $0.schema(of: Answer.self) }
    }

    /// An endpoint that answers with bytes of another kind, which `facts` names.
    init(sending facts: EndpointFacts) where Answer == ByteStream {
        self.facts = facts
        makeAnswerSchema = { _ in nil }
    }

    /// An endpoint that only says why it doesn't answer.
    init(refusing facts: EndpointFacts) where Answer == Never {
        self.facts = facts
        makeAnswerSchema = { _ in nil }
    }
}

/// What is said of an endpoint beside the types that it takes and gives.
package struct EndpointFacts: Sendable {
    package enum Method: String, Sendable { case get = "GET", post = "POST" }

    /// What the answer is where it can be given.
    package enum Form: Hashable, Sendable {
        case json
        /// All at once, of this media type.
        case text(String)
        /// Piece by piece, of this media type, as long as it takes.
        case stream(String)
    }

    /// In letters and digits, unique among the endpoints.
    package let name: String
    package let method: Method
    /// From the root on; `{key}` stands for a part that the request has.
    package let path: String
    /// In one line, without a full stop.
    package let summary: String
    package let access: EndpointAccess
    /// Codes that it gives beside those that ``EndpointAccess`` and a body bring with them.
    package let errors: [FledgeError.Code]
    package let form: Form
    /// How long a client waits for the whole answer; a stream has no end of its own.
    package let patience: Duration
    /// Whether it may compute for minutes, and ends when its client goes away. Such an endpoint takes no body.
    package let isLong: Bool
    /// Whether no cache may keep the answer.
    package let isFresh: Bool
    /// The status of an answer that says no, such as of a daemon that is not ready; nil where there is none.
    package let refusalStatus: Int?
    /// Whether only clients of earlier versions ask for it.
    package let isDeprecated: Bool
    /// The media type of a body that is no JSON, which is read piece by piece; nil where there is none.
    package let upload: String?

    init(
        _ name: String, _ method: Method, _ path: String, _ summary: String, access: EndpointAccess,
        errors: [FledgeError.Code] = [], form: Form = .json, patience: Duration = .seconds(60), isLong: Bool = false,
        isFresh: Bool = false, refusalStatus: Int? = nil, isDeprecated: Bool = false, upload: String? = nil
    ) {
        self.name = name
        self.method = method
        self.path = path
        self.summary = summary
        self.access = access
        self.errors = errors
        self.form = form
        self.patience = patience
        self.isLong = isLong
        self.isFresh = isFresh
        self.refusalStatus = refusalStatus
        self.isDeprecated = isDeprecated
        self.upload = upload
    }

    /// The keys that stand in the path's braces, in their order.
    package var pathKeys: [String] { path.matches(of: /\{(\w+)\}/).map { String($0.1) } }
}

/// An answer that is no JSON, in the pieces in which it comes.
package struct ByteStream: Sendable {
    package let pieces: AsyncThrowingStream<[UInt8], any Error>

    package init(_ pieces: AsyncThrowingStream<[UInt8], any Error>) { self.pieces = pieces }
}
