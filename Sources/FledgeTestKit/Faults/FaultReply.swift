/// What the fault server sends instead of a right answer: status × body × header × timing.
package struct FaultReply: Sendable {
    /// What is done to the body's bytes before they are sent.
    package enum Coding: Sendable { case plain, gzip, truncated, byteOrderMark }

    package var status: Int
    package var headers: [(name: String, value: String)]
    /// `@@` stands for the right answer.
    package var body: String
    package var coding: Coding
    package var delivery: StubDelivery

    package init(
        _ status: Int, _ body: String = "", headers: [(name: String, value: String)] = [], coding: Coding = .plain,
        delivery: StubDelivery = .whole
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.coding = coding
        self.delivery = delivery
    }

    /// A chat completion, odd or not, under status 200.
    package init(_ reply: ReplyBody, coding: Coding = .plain, delivery: StubDelivery = .whole) {
        self.init(200, reply.text, coding: coding, delivery: delivery)
    }

    /// A right answer whose parts are changed.
    package static func answer(_ change: (inout ReplyBody) -> Void = { _ in }) -> FaultReply {
        FaultReply(ReplyBody.with(change))
    }

    package func delivered(_ delivery: StubDelivery) -> FaultReply {
        var reply = self
        reply.delivery = delivery
        return reply
    }

    package func with(_ header: String, _ value: String) -> FaultReply {
        var reply = self
        reply.headers.append((header, value))
        return reply
    }

    func response(right: String) -> StubHTTPServer.Response {
        var bytes = Array(body.replacing("@@", with: right).utf8)
        var headers = headers
        switch coding {
        case .plain: break
        case .gzip:
            bytes = Gzip.stored(bytes)
            headers.append(("Content-Encoding", "gzip"))
        case .truncated: bytes = Array(bytes.prefix(bytes.count * 2 / 3))
        case .byteOrderMark: bytes = [0xEF, 0xBB, 0xBF] + bytes
        }
        return .init(status: status, headers: headers, body: bytes, delivery: delivery)
    }
}

/// Bodies of errors in the shapes of several vendors.
extension FaultReply {
    package static func openAI(
        _ status: Int, _ message: String, type: String = "invalid_request_error", code: String? = nil,
        param: String? = nil
    ) -> FaultReply {
        let code = code.map { "\"\($0)\"" } ?? "null"
        let param = param.map { "\"\($0)\"" } ?? "null"
        return FaultReply(
            status, #"{"error":{"message":"\#(message)","type":"\#(type)","param":\#(param),"code":\#(code)}}"#)
    }

    package static func vLLM(_ status: Int, _ message: String, type: String = "BadRequestError") -> FaultReply {
        FaultReply(
            status, #"{"object":"error","message":"\#(message)","type":"\#(type)","param":null,"code":\#(status)}"#)
    }

    package static func anthropic(_ status: Int, _ message: String, type: String) -> FaultReply {
        FaultReply(status, #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"}}"#)
    }

    package static func google(_ status: Int, _ message: String, state: String) -> FaultReply {
        FaultReply(status, #"[{"error":{"code":\#(status),"message":"\#(message)","status":"\#(state)"}}]"#)
    }

    package static func fastAPI(_ status: Int, _ detail: String) -> FaultReply {
        FaultReply(status, #"{"detail":"\#(detail)"}"#)
    }

    package static func html(_ status: Int, _ title: String) -> FaultReply {
        FaultReply(
            status, "<html><head><title>\(title)</title></head><body><h1>\(title)</h1></body></html>",
            headers: [("Content-Type", "text/html")])
    }

    package static func text(_ status: Int, _ text: String) -> FaultReply {
        FaultReply(status, text, headers: [("Content-Type", "text/plain")])
    }
}
