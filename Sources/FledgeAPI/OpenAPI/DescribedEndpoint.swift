import FledgeCore

/// An endpoint of whatever types.
package protocol DescribedEndpoint: Sendable {
    var facts: EndpointFacts { get }
    /// What it is asked with; `recorder` keeps the schemas that these refer to.
    func requestProperties(_ recorder: SchemaRecorder) throws -> [SchemaProperty]
    /// Nil where the answer is no JSON.
    func answerSchema(_ recorder: SchemaRecorder) throws -> JSONValue?
}

extension Endpoint: DescribedEndpoint {
    package func requestProperties(_ recorder: SchemaRecorder) throws -> [SchemaProperty] {
        try recorder.properties(of: Request.self)
    }

    package func answerSchema(_ recorder: SchemaRecorder) throws -> JSONValue? { try makeAnswerSchema(recorder) }
}

extension DescribedEndpoint {
    /// Every code that it is known to answer with, each once.
    package func errors(hasBody: Bool) -> [FledgeError.Code] {
        var codes = facts.access.errors + facts.errors + ["request.nul_character"]
        if hasBody { codes += ["request.malformed", "request.http_413"] }
        if facts.isLong { codes.append("request.malformed") }
        var seen: Set<FledgeError.Code> = []
        return codes.filter { seen.insert($0).inserted }
    }
}
