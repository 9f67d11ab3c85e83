import FledgeCore
import FledgeEngine
import Foundation

/// What a trainer said: JSON lines that it appends to a file.
enum TrainerEvents {
    struct Page {
        var points: [TrainingPoint] = []
        var totalSteps: Int?
        var etaSeconds: Double?
        var phase: TrainingPhase?
        var longRows: LongRowCount?
        var log: [String] = []
        /// Behind the last whole line.
        var offset: Int64
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

    /// The whole lines from an offset on. A line that is no event is passed over.
    static func read(_ file: URL, from offset: Int64) throws -> Page {
        var page = Page(offset: offset)
        guard let handle = try? FileHandle(forReadingFrom: file) else { return page }
        defer { try? handle.close() }
        try handle.seek(toOffset: UInt64(max(0, offset)))
        let data = try handle.readToEnd() ?? Data()
        guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return page }
        page.offset += Int64(data.distance(from: data.startIndex, to: end) + 1)
        for event in events(in: data[...end]) {
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
                    "trains on \(event.count ?? 1) × \(event.name ?? event.device ?? "?") in \(event.precision?.name ?? "?")"
                )
            case "rows":
                if let long = count(event.tooLong), let rows = count(event.rows), rows > 0 {
                    page.longRows = LongRowCount(long: long, rows: rows)
                }
                if let tooLong = event.tooLong, tooLong > 0 {
                    page.log.append("\(tooLong) rows are too long, \(Event.percent(event.share ?? 0)) of all")
                }
            case "phase": page.phase = event.phase.flatMap(TrainingPhase.init) ?? page.phase
            case "log", "error": if let message = event.message { page.log.append(message) }
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
    static func ending(of file: URL, from offset: UInt64 = 0) -> Ending? {
        guard let data = try? Data(contentsOf: file) else { return nil }
        let begin = Int(exactly: offset).flatMap { $0 <= data.count ? $0 : nil } ?? 0
        return events(in: data.dropFirst(begin)).compactMap { event -> Ending? in
            switch event.event {
            case "done":
                guard let directory = event.adapterDirectory else { return nil }
                return .done(
                    adapterDirectory: directory, goldenAnswers: event.goldenAnswers ?? [],
                    baseAnswers: event.baseAnswers, steps: count(event.steps) ?? 0, seconds: event.seconds ?? 0,
                    scores: event.scores)
            case "error": return .error(code: event.code ?? "training.crashed", message: event.message ?? "")
            default: return nil
            }
        }.last
    }

    private static func events(in data: Data) -> [Event] {
        let decoder = JSONDecoder()
        return data.split(separator: UInt8(ascii: "\n")).compactMap { try? decoder.decode(Event.self, from: $0) }
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
