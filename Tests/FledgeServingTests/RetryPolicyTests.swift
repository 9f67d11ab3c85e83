import CurlClient
import FledgeCore
import Foundation
import Testing

@testable import FledgeServing

@Suite("When a call is made again")
struct RetryPolicyTests {
    private let policy = RetryPolicy(attempts: 4, base: .seconds(1), cap: .seconds(3))
    /// Wed, 21 Oct 2026 07:28:00 GMT.
    private let now = Date(timeIntervalSince1970: 1_792_567_680)

    @Test("pauses double up to the cap and end with the attempts")
    func doubling() {
        #expect(policy.pause(afterAttempt: 1, headers: nil, random: 1, now: now) == .seconds(1))
        #expect(policy.pause(afterAttempt: 2, headers: nil, random: 0.5, now: now) == .seconds(1))
        #expect(policy.pause(afterAttempt: 3, headers: nil, random: 1, now: now) == .seconds(3))
        #expect(policy.pause(afterAttempt: 4, headers: nil, random: 1, now: now) == nil)
        #expect(policy.pause(afterAttempt: 4, headers: ["Retry-After": "1"], random: 1, now: now) == nil)
    }

    @Test(
        "the server's wish is obeyed, in each form that it may have",
        arguments: [
            (["Retry-After": "7"], Duration.seconds(7)),
            (["Retry-After": "0"], .zero),
            (["Retry-After-Ms": "70", "Retry-After": "7"], .milliseconds(70)),
            (["Retry-After": "Wed, 21 Oct 2026 07:28:07 GMT"], .seconds(7)),
            (["Retry-After": "Wednesday, 21-Oct-26 07:28:07 GMT"], .seconds(7)),
            (["Retry-After": "Wed Oct 21 07:28:07 2026"], .seconds(7)),
            (["Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"], .zero),
            // Gone by already.
            (["Retry-After": "Wed, 21 Oct 2026 07:27:00 GMT"], .zero),
            // The server's clock is an hour behind this one.
            (["Date": "Wed, 21 Oct 2026 06:28:00 GMT", "Retry-After": "Wed, 21 Oct 2026 06:28:09 GMT"], .seconds(9)),
            (["Date": "yesterday", "Retry-After": "Wed, 21 Oct 2026 07:28:07 GMT"], .seconds(7)),
            (["Retry-After-Ms": "70", "Retry-After": "Wed, 21 Oct 2026 07:28:07 GMT"], .milliseconds(70)),
        ])
    func wishes(fields: [String: String], pause: Duration) {
        #expect(policy.pause(afterAttempt: 1, headers: headers(fields), random: 0, now: now) == pause)
    }

    @Test("a part of a second that has passed here is taken off a date")
    func fraction() {
        let fields = headers(["Retry-After": "Wed, 21 Oct 2026 07:28:07 GMT"])
        let pause = policy.pause(afterAttempt: 1, headers: fields, random: 0, now: now.addingTimeInterval(0.25))
        #expect(pause == .milliseconds(6750))
    }

    @Test(
        "a server that wants to be left alone for longer than is obeyed is given up",
        arguments: ["600", "Wed, 21 Oct 2026 07:38:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"])
    func tooLong(wish: String) {
        #expect(policy.pause(afterAttempt: 1, headers: ["Retry-After": wish], random: 0, now: now) == nil)
    }

    @Test(
        "what is no wish falls back to the doubling pause",
        arguments: [
            "soon", "", "-3", "Wed, 32 Oct 2026 07:28:07 GMT", "Wed, 21 Oct 2026 24:00:00 GMT",
        ])
    func noWish(wish: String) {
        #expect(policy.pause(afterAttempt: 1, headers: ["Retry-After": wish], random: 1, now: now) == .seconds(1))
    }

    private func headers(_ fields: [String: String]) -> HTTPHeaders {
        var headers = HTTPHeaders()
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { headers.append(name, value) }
        return headers
    }
}
