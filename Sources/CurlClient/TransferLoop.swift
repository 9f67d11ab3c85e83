import CCurl
import Foundation
import Synchronization

/// The thread that drives all transfers of a client.
///
/// One thread with `epoll`: libcurl's own `curl_multi_perform` makes a system call for every transfer under way each time that
/// something comes for one of them. Only the inbox is shared with other threads.
final class TransferLoop: Sendable {
    enum Order: Sendable {
        case start(UInt64, HTTPRequest, TransferSink)
        case resume(UInt64)
        case cancel(UInt64)
        case close
    }

    private struct Inbox {
        var orders: [Order] = []
        var isClosed = false
        /// Whether the thread waits, or is about to: only then has it to be woken.
        var isAsleep = false
    }

    private let inbox = Mutex(Inbox())
    private let authorities: CertificateAuthorities
    /// Safe to share: only the thread uses it, and it is freed with the last reference to this object, which the thread holds
    /// one of.
    nonisolated(unsafe) private let multi: UnsafeMutableRawPointer?
    /// Safe to share: other threads pass it to `ccurl_poller_wake` alone.
    nonisolated(unsafe) private let poller: OpaquePointer?

    private static let initialised: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(maximumConnections: Int, authorities: CertificateAuthorities) {
        self.authorities = authorities
        multi = Self.initialised ? curl_multi_init() : nil
        poller = multi.flatMap { ccurl_poller_new($0) }
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, maximumConnections)
        let thread = Thread { [self] in run() }
        thread.name = "curl"
        thread.start()
    }

    deinit {
        curl_multi_cleanup(multi)
        ccurl_poller_free(poller)
    }

    func send(_ order: Order) {
        let (refused, wakes) = inbox.withLock { inbox in
            if inbox.isClosed { return (true, false) }
            if case .close = order { inbox.isClosed = true }
            inbox.orders.append(order)
            // The first order wakes the thread; later ones are taken in the same turn.
            defer { inbox.isAsleep = false }
            return (false, inbox.isAsleep)
        }
        // Not under the lock: waking takes longer than all else here, and the thread would wait for it.
        if wakes { ccurl_poller_wake(poller) }
        if refused, case .start(_, _, let sink) = order {
            sink.finish(.failure(CurlError(.closed, "the HTTP client was closed")))
        }
    }

    /// What only the thread touches.
    private struct Work {
        var transfers: [UInt64: Transfer] = [:]
        var idle: [UnsafeMutableRawPointer] = []
        var isOpen = true
    }

    private func run() {
        var work = Work()
        while work.isOpen {
            let orders = inbox.withLock { inbox in
                defer { inbox.orders = [] }
                inbox.isAsleep = false
                return inbox.orders
            }
            for order in orders { handle(order, &work) }
            let isIdle = inbox.withLock { inbox in
                inbox.isAsleep = work.isOpen && inbox.orders.isEmpty && !ccurl_poller_is_due(poller)
                return inbox.isAsleep
            }
            ccurl_poller_turn(poller, isIdle ? 60_000 : 0)
            takeFinished(&work)
        }
        for transfer in work.transfers.values {
            retire(transfer, &work)
            transfer.finish(.failure(CurlError(.closed, "\(transfer.endpoint): the HTTP client was closed")))
        }
        for easy in work.idle { curl_easy_cleanup(easy) }
    }

    private func handle(_ order: Order, _ work: inout Work) {
        switch order {
        case .start(let id, let request, let sink):
            guard let multi, poller != nil, let easy = work.idle.popLast() ?? curl_easy_init() else {
                return sink.finish(.failure(CurlError(.other, "libcurl could not be initialised")))
            }
            do throws(CurlError) {
                let transfer = try Transfer(
                    id: id, request: request, easy: easy, authorities: authorities, sink: sink)
                work.transfers[id] = transfer
                curl_multi_add_handle(multi, easy)
            } catch {
                curl_easy_reset(easy)
                work.idle.append(easy)
                sink.finish(.failure(error))
            }
        case .resume(let id):
            if let transfer = work.transfers[id] { curl_easy_pause(transfer.easy, CURLPAUSE_CONT) }
        case .cancel(let id):
            guard let transfer = work.transfers[id] else { return }
            retire(transfer, &work)
            transfer.finish(.failure(.cancelled(transfer.endpoint)))
        case .close:
            work.isOpen = false
        }
    }

    private func takeFinished(_ work: inout Work) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE else { continue }
            let result = message.pointee.data.result
            var context: UnsafeMutableRawPointer?
            ccurl_get_pointer(message.pointee.easy_handle, CURLINFO_PRIVATE, &context)
            guard let context else { continue }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            // Before the handle is reset: the summary reads its times.
            transfer.finish(result)
            retire(transfer, &work)
        }
    }

    private func retire(_ transfer: Transfer, _ work: inout Work) {
        curl_multi_remove_handle(multi, transfer.easy)
        transfer.release()
        work.transfers[transfer.id] = nil
        if work.idle.count < 128 { work.idle.append(transfer.easy) } else { curl_easy_cleanup(transfer.easy) }
    }
}
