import FledgeCore
import FledgeEngine
import Foundation
import ManagedProcess

/// What a trainer said: JSON lines that it appends to a file.
enum TrainerEvents {
    /// Bytes that are read of the file: a point for each of 500,000 steps, and the longest last line.
    static let largest: Int64 = 128 << 20
    /// Bytes of a line. The longest is the last, with an answer to each row that was held back: 30,000 of a kilobyte.
    static let longestLine = 32 << 20
    /// Bytes of the lines of one page, one line at least.
    static let pageSize = 4 << 20

    struct Page {
        var points: [TrainingPoint] = []
        var totalSteps: Int?
        var etaSeconds: Double?
        var phase: TrainingPhase?
        var longRows: LongRowCount?
        var log: [String] = []
        /// Behind the last whole line that is in it.
        var offset: Int64
        /// Whether there are whole lines behind it.
        var hasMore = false
    }

    enum Ending: Equatable {
        case done(
            adapterDirectory: String, goldenAnswers: [String], baseAnswers: [String]?, steps: Int, seconds: Double,
            scores: GoldenScores?)
        case error(code: String, message: String)

        var code: String? { if case .error(let code, _) = self { code } else { nil } }
        /// In a line.
        var message: String? {
            if case .error(_, let message) = self, !message.isEmpty { InertText.line(message) } else { nil }
        }
    }

    /// The whole lines from an offset on, as many as a page takes. A line that is no event is passed over.
    ///
    /// - Throws: `training.bad_output` for more than a trainer can have to say; `training.unreadable`, or `file.unread` where
    ///   that may pass, for what can't be read of it.
    static func read(_ file: URL, from offset: Int64) throws -> Page {
        var page = Page(offset: offset)
        guard let opened = try opened(file) else { return page }
        let start = max(0, offset)
        var events: [Event] = []
        let isWhole = try lines(of: opened, from: start) { line, end in
            if end - start > pageSize, page.offset > offset {
                page.hasMore = true
                return false
            }
            if let event = try? JSONProfile.foreign.value(Event.self, from: line) { events.append(event) }
            page.offset = end
            return true
        }
        guard isWhole else { throw tooLong(opened) }
        for event in events {
            switch event.event {
            case "progress":
                guard let step = count(event.step), let elapsed = event.elapsedSeconds else { continue }
                page.points.append(
                    TrainingPoint(
                        step: step, loss: event.loss, validationLoss: event.validationLoss,
                        tokensPerSecond: event.tokensPerSecond, elapsedSeconds: elapsed))
                page.totalSteps = count(event.steps)
                page.etaSeconds = event.etaSeconds
                page.phase = .training
                if let answered = event.answered { page.log.append(answered) }
            case "device":
                page.log.append(
                    InertText.line(
                        "trains on \(event.count ?? 1) × \(event.name ?? event.device ?? "?") in \(event.precision?.name ?? "?")"
                    ))
            case "rows":
                if let long = count(event.tooLong), let rows = count(event.rows), rows > 0 {
                    page.longRows = LongRowCount(long: long, rows: rows)
                }
                if let tooLong = event.tooLong, tooLong > 0 {
                    page.log.append("\(tooLong) rows are too long, \(Event.percent(event.share ?? 0)) of all")
                }
            case "phase": page.phase = event.phase.flatMap(TrainingPhase.init) ?? page.phase
            case "log", "error":
                if let message = event.message { page.log.append(InertText.block(message, limit: 4000)) }
            case "checkpoint": page.log.append("checkpoint at step \(event.step ?? 0)")
            case "done": page.log.append("done after \(event.steps ?? 0) steps")
            default: continue
            }
        }
        return page
    }

    /// A trainer's count; nil for one that can't be: the database keeps what fits into 31 bits.
    private static func count(_ number: Int?) -> Int? {
        number.flatMap { (0...Int(Int32.max)).contains($0) ? $0 : nil }
    }

    /// The last thing that ends a run.
    ///
    /// - Parameter offset: where the run's own events begin; from the file's beginning where that is beyond its end.
    /// - Throws: as ``read(_:from:)``.
    static func ending(of file: URL, from offset: Int64 = 0) throws(FledgeError) -> Ending? {
        guard let opened = try opened(file) else { return nil }
        var last: Ending?
        let begin = offset <= opened.size ? offset : 0
        let isWhole = try lines(of: opened, from: begin, withRest: true) { line, _ in
            guard let event = try? JSONProfile.foreign.value(Event.self, from: line) else { return true }
            switch event.event {
            case "done":
                guard let directory = event.adapterDirectory else { break }
                last = .done(
                    adapterDirectory: directory, goldenAnswers: event.goldenAnswers ?? [],
                    baseAnswers: event.baseAnswers, steps: count(event.steps) ?? 0, seconds: event.seconds ?? 0,
                    scores: event.scores)
            case "error":
                last = .error(
                    code: InertText.line(event.code ?? "training.crashed", limit: 100),
                    message: InertText.block(event.message ?? "", limit: 4000))
            default: break
            }
            return true
        }
        guard isWhole else { throw tooLong(opened) }
        return last
    }

    /// Nil where there is none. - Throws: `training.bad_output` for one that is larger than it can be.
    private static func opened(_ file: URL) throws(FledgeError) -> ForeignFile? {
        do throws(ProcessError) {
            guard let opened = try ForeignFile(file.path) else { return nil }
            guard opened.size <= largest else { throw ForeignFile.tooLarge(file.path, opened.size, largest) }
            return opened
        } catch { throw failure(file.path, error) }
    }

    private static func tooLong(_ file: ForeignFile) -> FledgeError {
        refusal(file.path, "\(file.path) has a line of more than \(longestLine) bytes, in \(file.size)")
    }

    /// What is wrong with the file is the trainer's doing; what is wrong with reading it says nothing about the trainer.
    private static func failure(_ path: String, _ error: ProcessError) -> FledgeError {
        switch error.code {
        case .notPlain, .tooLarge: refusal(path, error.message)
        default: JobFolder.unread(error, path)
        }
    }

    private static func refusal(_ path: String, _ message: String) -> FledgeError {
        FledgeError(
            .badOutput, message, place: path, hint: "look at it, and train again: fledge retry NAME", exitCode: .badData
        )
    }

    /// Calls the body for each line that is ended, with the offset behind it.
    ///
    /// - Parameters:
    ///   - withRest: for what stands behind the last line's end, too.
    ///   - body: false ends it.
    /// - Returns: whether no line was longer than one can be.
    private static func lines(
        of file: ForeignFile, from offset: Int64, withRest: Bool = false, _ body: (Data, Int64) -> Bool
    ) throws(FledgeError) -> Bool {
        var line = Data()
        var place = offset
        var isSound = true
        var goesOn = true
        do throws(ProcessError) {
            try file.pieces(from: offset) { piece in
                var rest = piece[...]
                while goesOn, let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    guard line.count + (end - rest.startIndex) <= longestLine else {
                        isSound = false
                        return false
                    }
                    line.append(contentsOf: rest[..<end])
                    place += Int64(clamping: line.count + 1)
                    goesOn = body(line, place)
                    line.removeAll(keepingCapacity: true)
                    rest = rest[(end + 1)...]
                }
                line.append(contentsOf: rest)
                isSound = line.count <= longestLine
                // It may grow while it is read.
                return goesOn && isSound && place <= largest
            }
        } catch { throw failure(file.path, error) }
        if withRest, goesOn, isSound, !line.isEmpty { _ = body(line, place) }
        return isSound
    }

    private struct Event: Decodable {
        var event: String
        var step: Int?
        var steps: Int?
        var loss: Double?
        var validationLoss: Double?
        var tokensPerSecond: Double?
        var etaSeconds: Double?
        var elapsedSeconds: Double?
        var message: String?
        var code: String?
        var adapterDirectory: String?
        var goldenAnswers: [String]?
        var baseAnswers: [String]?
        var goldenScores: Lenient<[GoldenScores.Tuned?]>?
        var baseScores: Lenient<[GoldenScores.Base?]>?
        var phase: String?
        var seconds: Double?
        var metric: Double?
        var precision: Precision?
        var recall: Double?
        var device: String?
        var name: String?
        var count: Int?
        var tooLong: Int?
        var rows: Int?
        var share: Double?

        /// Nil from a trainer of an earlier version.
        var scores: GoldenScores? {
            guard let tuned = goldenScores?.value, let base = baseScores?.value else { return nil }
            return GoldenScores(tuned: tuned, base: base)
        }

        /// What can't be read does not take the event with it.
        struct Lenient<Value: Decodable>: Decodable {
            var value: Value?

            init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
        }

        /// What the held-back rows' answers came to.
        var answered: String? {
            guard let metric, let step else { return nil }
            var text = "step \(step): \(Self.percent(metric)) of the held-back rows are answered right"
            if let precision = precision?.share, let recall {
                text += ", precision \(Self.percent(precision)), recall \(Self.percent(recall))"
            }
            return text
        }

        /// An evaluation's share of answers that are right, or the device's format of numbers.
        enum Precision: Decodable {
            case share(Double)
            case name(String)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                do { self = .share(try container.decode(Double.self)) } catch {
                    self = .name(try container.decode(String.self))
                }
            }

            var share: Double? { if case .share(let share) = self { share } else { nil } }
            var name: String? { if case .name(let name) = self { name } else { nil } }
        }

        static func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10)%" }
    }
}
