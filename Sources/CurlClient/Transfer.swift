import CCurl

/// What a transfer tells the task that asked for it; called on the transfer thread, so each returns at once.
struct TransferSink: Sendable {
    var head: @Sendable (HTTPResponseHead) -> Void = { _ in }
    /// False holds the transfer until it is resumed.
    var piece: @Sendable (UnsafeRawBufferPointer) -> Bool
    var finish: @Sendable (Result<TransferSummary, CurlError>) -> Void
}

struct TransferSummary: Sendable {
    var head: HTTPResponseHead
    var exchangeTime: Duration
}

/// One exchange on one easy handle. Made, used and freed on the transfer thread alone.
final class Transfer {
    let id: UInt64
    let easy: UnsafeMutableRawPointer
    private let request: HTTPRequest
    private let sink: TransferSink
    private let maximumBodyBytes: Int
    private let authorities: CertificateAuthorities
    private var fields: UnsafeMutablePointer<curl_slist>?
    private var headerLines: [String] = []
    private var head: HTTPResponseHead?
    private var received = 0
    private var sent: Int64 = 0
    private var isTooLarge = false

    init(
        id: UInt64, request: HTTPRequest, easy: UnsafeMutableRawPointer, authorities: CertificateAuthorities,
        sink: TransferSink
    ) throws(CurlError) {
        self.id = id
        self.easy = easy
        self.sink = sink
        self.authorities = authorities
        maximumBodyBytes = request.maximumBodyBytes
        self.request = request
        let accepted = configure(request)
        guard accepted else {
            curl_slist_free_all(fields)
            throw CurlError(.badRequest, "\(endpoint): a header or option of the request is not acceptable")
        }
    }

    /// The server's name for error messages, which is made only when a transfer fails.
    var endpoint: String { Self.endpoint(of: request) }

    /// Frees what only the exchange needed; the handle goes back to its pool.
    func release() {
        curl_easy_reset(easy)
        curl_slist_free_all(fields)
        fields = nil
    }

    func finish(_ result: CURLcode) {
        if isTooLarge {
            finish(.failure(CurlError(.tooLarge, "\(endpoint): the answer is longer than \(maximumBodyBytes) bytes")))
        } else if result != CURLE_OK {
            finish(.failure(failure(result)))
        } else if let head {
            var total: curl_off_t = 0
            var ready: curl_off_t = 0
            ccurl_get_offset(easy, CURLINFO_TOTAL_TIME_T, &total)
            ccurl_get_offset(easy, CURLINFO_PRETRANSFER_TIME_T, &ready)
            finish(.success(TransferSummary(head: head, exchangeTime: .microseconds(total - ready))))
        } else {
            finish(.failure(CurlError(.connectionLost, "\(endpoint): the answer has no head")))
        }
    }

    func finish(_ result: Result<TransferSummary, CurlError>) { sink.finish(result) }

    /// The failure in libcurl's words, or in clearer ones where the handle knows more.
    private func failure(_ result: CURLcode) -> CurlError {
        var tunnelStatus = 0
        var verification = 0
        ccurl_get_long(easy, CURLINFO_HTTP_CONNECTCODE, &tunnelStatus)
        ccurl_get_long(easy, CURLINFO_SSL_VERIFYRESULT, &verification)
        if tunnelStatus >= 300 {
            return CurlError(.proxy, "\(endpoint): the proxy refused the way there (status \(tunnelStatus))")
        }
        if result == CURLE_SSL_CACERT_BADFILE, let path = authorities.file ?? authorities.directory {
            return CurlError(.tls, "\(endpoint): the certificate authorities can't be read from \(path)")
        }
        if result == CURLE_PEER_FAILED_VERIFICATION {
            return CurlError(.tls, "\(endpoint): \(CurlError.certificateProblem(verification))")
        }
        return CurlError(result, endpoint: endpoint)
    }

    private func configure(_ request: HTTPRequest) -> Bool {
        var isAccepted = true
        func check(_ result: CURLcode) { if result != CURLE_OK { isAccepted = false } }

        check(ccurl_set_string(easy, CURLOPT_URL, request.url))
        check(ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https"))
        check(ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1))
        check(ccurl_leave_resolver(easy))
        check(ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)))
        check(ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1))
        check(ccurl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1))
        if request.isConnectionFresh { check(ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)) }
        check(ccurl_set_string(easy, CURLOPT_ACCEPT_ENCODING, ""))
        check(ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.connectTimeout)))
        if let timeout = request.timeout { check(ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, Self.milliseconds(timeout))) }
        if let stall = request.stallTimeout {
            check(ccurl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1))
            check(ccurl_set_long(easy, CURLOPT_LOW_SPEED_TIME, max(1, Int(clamping: stall.components.seconds))))
        }
        if let path = request.unixSocketPath {
            check(ccurl_set_string(easy, CURLOPT_UNIX_SOCKET_PATH, path))
        }
        // A proxy from the environment would be spoken to through the socket.
        if request.isDirect || request.unixSocketPath != nil || LoopbackAddress.passesProxies(request.url) {
            check(ccurl_set_string(easy, CURLOPT_PROXY, ""))
        }
        if let file = authorities.file { check(ccurl_set_string(easy, CURLOPT_CAINFO, file)) }
        if let directory = authorities.directory { check(ccurl_set_string(easy, CURLOPT_CAPATH, directory)) }

        switch (request.method, request.body.isEmpty) {
        case (let method, _) where request.upload != nil:
            // Where the connection turns out to be closed, libcurl would have to send from the beginning again.
            check(ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1))
            check(ccurl_set_long(easy, CURLOPT_POST, 1))
            check(ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.upload?.byteCount ?? 0)))
            if method != "POST" { check(ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, method)) }
        case ("GET", true): check(ccurl_set_long(easy, CURLOPT_HTTPGET, 1))
        case ("HEAD", true): check(ccurl_set_long(easy, CURLOPT_NOBODY, 1))
        case (let method, let isEmpty):
            if !isEmpty || method == "POST" || method == "PUT" {
                check(ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
                request.body.withUnsafeBytes { body in
                    check(
                        body.baseAddress.map {
                            ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: $0))
                        } ?? ccurl_set_string(easy, CURLOPT_COPYPOSTFIELDS, ""))
                }
            }
            if method != "POST" { check(ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, method)) }
        }

        for field in request.headers.fields {
            // A line break inside a field would let its value add fields of its own.
            if (field.name + field.value).utf8.contains(where: { $0 < 0x20 && $0 != 0x09 }) || field.name.isEmpty {
                return false
            }
            append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        // Waiting for "100 Continue" costs a second on servers that never send it.
        append("Expect:")
        check(ccurl_set_pointer(easy, CURLOPT_HTTPHEADER, fields))

        let context = Unmanaged.passUnretained(self).toOpaque()
        check(ccurl_set_pointer(easy, CURLOPT_PRIVATE, context))
        check(ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context))
        check(ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context))
        check(
            ccurl_set_callback(easy, CURLOPT_WRITEFUNCTION) { data, size, count, context in
                guard let data, let context else { return 0 }
                let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.receive(UnsafeRawBufferPointer(start: data, count: size * count))
            })
        check(
            ccurl_set_callback(easy, CURLOPT_HEADERFUNCTION) { data, size, count, context in
                guard let data, let context else { return 0 }
                let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                transfer.receiveHeader(UnsafeRawBufferPointer(start: data, count: size * count))
                return size * count
            })
        guard request.upload != nil else { return isAccepted }
        check(ccurl_set_pointer(easy, CURLOPT_READDATA, context))
        check(
            ccurl_set_callback(easy, CURLOPT_READFUNCTION) { data, size, count, context in
                guard let data, let context else { return Int(CURL_READFUNC_ABORT) }
                let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.send(UnsafeMutableRawBufferPointer(start: data, count: size * count))
            })
        return isAccepted
    }

    /// The next piece of an upload. - Returns: its length, or what ends the exchange.
    private func send(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let upload = request.upload else { return Int(CURL_READFUNC_ABORT) }
        let left = Int(clamping: max(0, upload.byteCount - sent))
        guard left > 0 else { return 0 }
        do {
            let count = try upload.read(UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(left)))
            // One that ends early would leave the other side waiting.
            guard count > 0 else { return Int(CURL_READFUNC_ABORT) }
            sent += Int64(count)
            return count
        } catch { return Int(CURL_READFUNC_ABORT) }
    }

    private func append(_ line: String) { fields = curl_slist_append(fields, line) ?? fields }

    private func receive(_ piece: UnsafeRawBufferPointer) -> Int {
        guard received + piece.count <= maximumBodyBytes else {
            isTooLarge = true
            return 0
        }
        guard sink.piece(piece) else { return Int(CURL_WRITEFUNC_PAUSE) }
        received += piece.count
        return piece.count
    }

    private func receiveHeader(_ bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes, as: UTF8.self).trimmingLineEnd()
        if line.hasPrefix("HTTP/") {
            headerLines = [line]
        } else if !line.isEmpty {
            headerLines.append(line)
        } else if let first = headerLines.first, head == nil {
            let words = first.split(separator: " ")
            let status = words.dropFirst().first.flatMap { Int($0) } ?? 0
            // 1xx are news of what comes, not the answer.
            guard status >= 200 else { return }
            var headers = HTTPHeaders()
            for field in headerLines.dropFirst() {
                guard let colon = field.firstIndex(of: ":") else { continue }
                let value = field[field.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
                headers.append(String(field[..<colon]), String(value))
            }
            let complete = HTTPResponseHead(
                version: words.first.flatMap { HTTPVersion(rawValue: String($0)) } ?? .http1_1, status: status,
                headers: headers)
            head = complete
            sink.head(complete)
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return max(1, Int(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000))
    }

    /// Host and port, or the socket's path; for messages.
    private static func endpoint(of request: HTTPRequest) -> String {
        if let path = request.unixSocketPath { return path }
        let url = curl_url()
        defer { curl_url_cleanup(url) }
        guard curl_url_set(url, CURLUPART_URL, request.url, 0) == CURLUE_OK else { return "malformed address" }
        func part(_ part: CURLUPart, _ flags: UInt32) -> String? {
            var text: UnsafeMutablePointer<CChar>?
            guard curl_url_get(url, part, &text, flags) == CURLUE_OK, let text else { return nil }
            defer { curl_free(text) }
            return String(cString: text)
        }
        return "\(part(CURLUPART_HOST, 0) ?? "?"):\(part(CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)) ?? "?")"
    }
}

extension String {
    fileprivate func trimmingLineEnd() -> String {
        var bytes = utf8[...]
        while let last = bytes.last, last == 0x0D || last == 0x0A { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
