/// Connections and timing.
extension FaultMode {
    /// Longer than the suite's models are waited for, in seconds.
    static let tooLong = 4.0

    static let transport: [FaultMode] =
        [
            odd("closed", "the connection's end instead of an answer", .closed),
            odd("reset", "a reset instead of an answer", .reset),
            odd("reset-after-head", "a reset behind the head", .resetAfterHead),
            odd("head-only", "the connection's end behind the head", .headOnly),
            odd("half", "half of the body that was announced", .half),
            odd("cut-chunks", "chunks whose last never comes", .cutChunks),
            odd("hang", "no answer for long", .late(tooLong), step: .fifteenth, code: "model.timeout"),
        ].flatMap(\.self) + [
            FaultMode(
                "slow-head", "a head that comes in pieces", FaultReply(ReplyBody(), delivery: .slowHead(0.4)), .mended,
                reach: .nth(5)),
            FaultMode(
                "slow-body", "a body that comes in pieces", FaultReply(ReplyBody(), delivery: .slowBody(0.4)), .mended,
                reach: .nth(5)),
        ]

    private static func odd(
        _ name: String, _ says: String, _ delivery: StubDelivery, step: Step = .fifth,
        code: String = "model.unreachable"
    ) -> [FaultMode] {
        someAndAll(name, says, FaultReply(ReplyBody(), delivery: delivery), code, step: step)
    }
}
