import FledgeCore
import Testing

@testable import FledgeEngine

@Suite("The window of an experiment's calls")
struct CallWindowTests {
    private typealias Window = CallWindow<Int>

    private static let lost = FledgeError("model.unreachable", "the connection broke")

    @Test("as many calls are begun as the server bears, in order, and more when it bears more", arguments: [0, 1, 3])
    func fills(concurrency: Int) {
        var window = Window(calls: 8)
        #expect(window.advance(upTo: concurrency) == (0..<max(1, concurrency)).map { .call($0) })
        #expect(window.advance(upTo: concurrency) == [])
        _ = window.take(.answered(0))
        let next = max(1, concurrency)
        #expect(
            window.advance(upTo: concurrency + 1).filter(\.isCall)
                == (next..<max(1, concurrency + 1) + 1).map { .call($0) })
    }

    @Test("answers wait for one another for a moment, which is awaited once, and are written together")
    func flush() {
        var window = Window(calls: 8)
        _ = window.advance(upTo: 4)
        #expect(window.take(.answered(0)) == [.awaitFlush])
        #expect(window.take(.answered(1)) == [])
        #expect(window.take(.flushDue) == [.write([0, 1])])
        // While a write is under way the next group gathers, however long that takes.
        #expect(window.take(.answered(2)) == [.awaitFlush])
        #expect(window.take(.flushDue) == [])
        #expect(window.unwritten == [0, 1, 2])
        #expect(window.take(.written) == [.write([2])])
        #expect(window.take(.written) == [])
        #expect(window.unwritten == [] && !window.isOver && window.inFlight == 1)
    }

    @Test("a full group is written without waiting for its moment")
    func full() {
        var window = Window(calls: 8, flushCount: 2)
        _ = window.advance(upTo: 5)
        #expect(window.take(.answered(0)) == [.awaitFlush])
        #expect(window.take(.answered(1)) == [.write([0, 1])])
        #expect(window.take(.answered(2)) == [])
        #expect(window.take(.answered(3)) == [])
        #expect(window.take(.written) == [.write([2, 3])])
    }

    @Test("the last answers are written at once when no call is under way")
    func last() {
        var window = Window(calls: 1)
        _ = window.advance(upTo: 4)
        #expect(window.take(.answered(7)) == [.awaitFlush])
        #expect(window.advance(upTo: 4) == [.write([7])] && !window.isOver)
        _ = window.take(.written)
        #expect(window.isOver && window.failure == nil && window.unwritten == [])
    }

    @Test("no call is begun while too many answers wait to be written")
    func backpressure() {
        var window = Window(calls: 9, flushCount: 1, maximumWaiting: 2)
        _ = window.advance(upTo: 3)
        for answer in 0..<3 { _ = window.take(.answered(answer)) }
        #expect(!window.wantsCalls && window.advance(upTo: 3) == [])
        #expect(window.take(.written) == [.write([1, 2])])
        #expect(window.advance(upTo: 3) == [.call(3), .call(4), .call(5)])
    }

    @Test("after a failure no call is begun; what is under way is waited for, and written")
    func failure() {
        var window = Window(calls: 9)
        _ = window.advance(upTo: 3)
        #expect(window.take(.failed(Self.lost)) == [.awaitGrace])
        // The first failure is the one that counts, and its time is awaited once.
        #expect(window.take(.failed(CancellationError())) == [])
        #expect(!window.wantsCalls && window.advance(upTo: 3) == [] && !window.isOver)
        #expect(window.take(.answered(2)) == [.awaitFlush])
        #expect(window.advance(upTo: 3) == [.write([2])])
        _ = window.take(.written)
        #expect(window.isOver && window.failure as? FledgeError == Self.lost && window.unwritten == [])
    }

    @Test("an answer that could not be made use of is kept, and ends the experiment")
    func unusable() {
        var window = Window(calls: 9)
        _ = window.advance(upTo: 2)
        #expect(window.take(.answered(0, failure: CancellationError())) == [.awaitGrace, .awaitFlush])
        #expect(window.unwritten == [0] && window.failure is CancellationError && window.advance(upTo: 2) == [])
    }

    @Test("when the time of those under way is over nothing is waited for, and what comes late is kept")
    func grace() {
        var window = Window(calls: 9)
        _ = window.advance(upTo: 3)
        _ = window.take(.answered(0))
        _ = window.take(.failed(Self.lost))
        #expect(window.take(.graceOver) == [] && window.isOver)
        window.keep(.answered(2))
        window.keep(.written)
        #expect(window.unwritten == [0, 2])
    }

    @Test("a write that fails ends it with that failure, and what it had counts as unwritten")
    func broken() {
        var window = Window(calls: 9, flushCount: 1)
        _ = window.advance(upTo: 3)
        _ = window.take(.failed(Self.lost))
        _ = window.take(.answered(0))
        let away = FledgeError("database.busy", "it is away")
        #expect(window.take(.broken(away)) == [] && window.isOver)
        #expect(window.failure as? FledgeError == away && window.unwritten == [0])
    }

    @Test("nothing to call is over before it begins")
    func empty() {
        var window = Window(calls: 0)
        #expect(window.isOver && window.advance(upTo: 4) == [])
    }

    /// Performs the steps in an order that the seed draws.
    private struct Driver {
        var window: Window
        var random: SplitMix64
        var underWay: [Window.Event] = []
        var begun: [Int] = []
        var written: [Int] = []
        var writes = 0
        var mostInFlight = 0
        var mostWaiting = 0

        mutating func perform(_ steps: [Window.Step], failing: Int?) {
            for step in steps {
                switch step {
                case .call(let place):
                    begun.append(place)
                    underWay.append(place == failing ? .failed(CallWindowTests.lost) : .answered(place))
                case .write(let answers):
                    writes += 1
                    written += answers
                    underWay.append(.written)
                case .awaitFlush: underWay.append(.flushDue)
                case .awaitGrace: break
                }
            }
            mostInFlight = max(mostInFlight, window.inFlight)
        }

        /// - Returns: false where nothing is under way any longer.
        mutating func turn(concurrency: Int, failing: Int?) -> Bool {
            perform(window.advance(upTo: concurrency), failing: failing)
            guard !underWay.isEmpty else { return false }
            let event = underWay.remove(at: Int.random(in: underWay.indices, using: &random))
            if case .written = event { writes -= 1 }
            perform(window.take(event), failing: failing)
            return true
        }
    }

    @Test(
        "whatever comes in whichever order, every call is begun once and every answer written once",
        arguments: 0..<40, [nil, 5] as [Int?])
    func orders(seed: Int, failing: Int?) {
        let (total, concurrency) = (200, 7)
        var driver = Driver(
            window: Window(calls: total, flushCount: 4, maximumWaiting: 12), random: SplitMix64(seed: UInt64(seed)))
        var turns = 0
        while !driver.window.isOver {
            guard driver.turn(concurrency: concurrency, failing: failing), turns < 10_000 else {
                Issue.record("it stands still after \(turns) turns")
                return
            }
            turns += 1
            #expect(driver.writes <= 1)
        }
        #expect(driver.mostInFlight <= concurrency)
        #expect(driver.begun == Array(0..<driver.begun.count))
        #expect(driver.written.sorted() == driver.begun.filter { $0 != failing })
        #expect(driver.window.unwritten == [])
        if failing == nil { #expect(driver.begun.count == total && driver.window.failure == nil) }
        if failing != nil { #expect(driver.begun.count < total && driver.window.failure is FledgeError) }
    }
}

extension CallWindow.Step {
    fileprivate var isCall: Bool { if case .call = self { true } else { false } }
}
