import CCurl
import FledgeCore
import Foundation

/// A loop around one easy handle, which does nothing but send a question and take the answer: what a call costs at least.
enum BareCurl {
    /// Makes `count` calls, one after the other on one connection, on a thread of its own.
    ///
    /// - Returns: how long each of those took, in seconds, that were answered with status 200.
    static func calls(_ count: Int, to url: String, body: String) async throws -> [Double] {
        // libcurl waits: not on a thread that tasks share.
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try calls(count, to: url, body: body) })
            }
        }
    }

    private static func calls(_ count: Int, to url: String, body: String) throws -> [Double] {
        guard let easy = curl_easy_init() else {
            throw FledgeError("bench.no_curl", "libcurl could not be initialised")
        }
        defer { curl_easy_cleanup(easy) }
        let fields = curl_slist_append(nil, "Content-Type: application/json")
        defer { curl_slist_free_all(fields) }
        let answer = Answer()
        ccurl_set_string(easy, CURLOPT_URL, url)
        ccurl_set_pointer(easy, CURLOPT_HTTPHEADER, fields)
        ccurl_set_string(easy, CURLOPT_COPYPOSTFIELDS, body)
        ccurl_set_pointer(easy, CURLOPT_WRITEDATA, Unmanaged.passUnretained(answer).toOpaque())
        ccurl_set_callback(easy, CURLOPT_WRITEFUNCTION) { data, size, count, context in
            guard let data, let context else { return 0 }
            Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue().bytes
                .append(contentsOf: UnsafeRawBufferPointer(start: data, count: size * count))
            return size * count
        }
        var seconds: [Double] = []
        for _ in 0..<count {
            answer.bytes.removeAll(keepingCapacity: true)
            let start = ContinuousClock.now
            guard curl_easy_perform(easy) == CURLE_OK else { continue }
            var status = 0
            ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
            if status == 200, !answer.bytes.isEmpty { seconds.append(start.duration(to: .now) / .seconds(1)) }
        }
        return seconds
    }

    private final class Answer {
        var bytes: [UInt8] = []
    }
}
