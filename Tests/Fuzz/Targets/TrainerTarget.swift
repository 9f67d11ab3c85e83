import FledgeCore
import FledgeEngine
import Foundation

@testable import FledgeTraining

/// What a trainer writes down: JSON lines.
enum TrainerTarget {
    static func run(_ bytes: [UInt8]) {
        let file = ScratchFolder.write(bytes, to: "events.jsonl")
        let whole = must("a page") { try TrainerEvents.read(file, from: 0) }
        check(whole, from: 0, end: bytes.count)
        // A line that is not ended yet is read another time.
        expect(whole.offset == bytes.lastIndex(of: 0x0A).map { Int64($0 + 1) } ?? 0, "the offset \(whole.offset)")
        inParts(bytes, whole)
        ending(must("an end") { try TrainerEvents.ending(of: file) })
        // Offsets come from a database, and files are cut off.
        for offset in [Int64.min, -1, Int64(bytes.count) + 7, .max] {
            if let page = try? TrainerEvents.read(file, from: offset) { check(page, from: offset, end: bytes.count) }
        }
    }

    private static func check(_ page: TrainerEvents.Page, from: Int64, end: Int) {
        expect(page.offset >= from, "an offset behind the one before")
        for point in page.points { expect((0...Int(Int32.max)).contains(point.step), "step \(point.step)") }
        expect((0...Int(Int32.max)).contains(page.totalSteps ?? 0), "\(page.totalSteps ?? 0) steps")
        if let rows = page.longRows {
            expect(rows.rows > 0 && rows.long >= 0 && rows.rows <= Int(Int32.max), "\(rows.long) of \(rows.rows) rows")
        }
        _ = must("points are told") { try JSONEncoder().encode(page.points) }
    }

    /// Read while it grows, as the daemon reads it, it says the same.
    private static func inParts(_ bytes: [UInt8], _ whole: TrainerEvents.Page) {
        var read = TrainerEvents.Page(offset: 0)
        for end in [bytes.count / 3, bytes.count / 2, bytes.count] {
            let file = ScratchFolder.write(bytes[..<end], to: "growing.jsonl")
            let page = must("a page") { try TrainerEvents.read(file, from: read.offset) }
            read.points += page.points
            read.log += page.log
            read.phase = page.phase ?? read.phase
            read.longRows = page.longRows ?? read.longRows
            read.offset = page.offset
        }
        expect(read.offset == whole.offset, "another offset in parts")
        expect(read.points == whole.points && read.log == whole.log, "other events in parts")
        expect(read.phase == whole.phase && read.longRows == whole.longRows, "another state in parts")
    }

    private static func ending(_ ending: TrainerEvents.Ending?) {
        switch ending {
        case .done(_, let golden, let base, let steps, _, let scores)?:
            expect((0...Int(Int32.max)).contains(steps), "\(steps) steps")
            _ = must("answers are kept") { try JSONEncoder().encode([golden, base ?? []]) }
            if let scores { _ = must("scores are kept") { try JSONEncoder().encode(scores) } }
        case .error(let code, let message)?: _ = (code, message)
        case nil: break
        }
    }
}
