import NIOCore
import NIOHTTPTypes

/// Closes a connection that does not send a whole request in time, and one of an address that has enough of them.
///
/// It stands behind the HTTP decoder, so that only whole heads count: a client that sends one byte after the other gets
/// no more time. Of a body, what comes at the slowest rate or faster does prolong it.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: ConnectionLimits
    private let register: AddressRegister
    /// Called when the client has gone, or sends nothing any more; on the event loop alone.
    private var departures: [Int: @Sendable () -> Void] = [:]
    private var lastDeparture = 0
    private var hasLeft = false
    /// Counted in the register.
    private var address: String?
    private var deadline: Scheduled<Void>?
    private var hasBegun = false
    /// When the body under way began, how many bytes of it have come, and of these how many have moved the deadline.
    private var bodyBegan = NIODeadline.now()
    private var received: Int64 = 0
    private var counted: Int64 = 0
    /// Whether the request under way is answered: what still comes of its body earns no time.
    private var isAnswered = false

    init(limits: ConnectionLimits, register: AddressRegister) {
        self.limits = limits
        self.register = register
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context.channel) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context.channel)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            (bodyBegan, received, counted, isAnswered) = (.now(), 0, 0, false)
            close(context.channel, after: limits.body)
        case .body(let piece): extend(by: piece.readableBytes, context.channel)
        case .end: cancel()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .head = unwrapOutboundIn(data) { isAnswered = true }
        context.write(data, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { leave() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    /// - Returns: what takes the action back; nil where the client is gone already.
    func onDeparture(_ action: @escaping @Sendable () -> Void) -> Int? {
        guard !hasLeft else { return nil }
        lastDeparture += 1
        departures[lastDeparture] = action
        return lastDeparture
    }

    func forget(departure: Int) { departures[departure] = nil }

    private func leave() {
        hasLeft = true
        let actions = departures.values
        departures = [:]
        for action in actions { action() }
    }

    private func begin(_ channel: any Channel) {
        guard !hasBegun else { return }
        hasBegun = true
        // A Unix socket's peers have no address.
        if let from = channel.remoteAddress?.ipAddress {
            guard register.enter(from) else { return channel.close(promise: nil) }
            address = from
        }
        close(channel, after: limits.headers)
    }

    private func close(_ channel: any Channel, after time: Duration) {
        cancel()
        deadline = channel.eventLoop.scheduleTask(in: TimeAmount(time)) { channel.close(promise: nil) }
    }

    /// A body that is long, and comes as fast as it has to, is given the time.
    private func extend(by count: Int, _ channel: any Channel) {
        received += Int64(clamping: count)
        guard !isAnswered, received - counted >= 16 * ConnectionLimits.bodyRate else { return }
        counted = received
        let earned = Duration(secondsComponent: received / ConnectionLimits.bodyRate, attosecondsComponent: 0)
        let end = bodyBegan + TimeAmount(limits.body + earned)
        cancel()
        deadline = channel.eventLoop.scheduleTask(deadline: end) { channel.close(promise: nil) }
    }

    private func cancel() {
        deadline?.cancel()
        deadline = nil
    }

    private func end() {
        cancel()
        if let address { register.leave(address) }
        address = nil
    }
}
