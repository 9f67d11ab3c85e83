import Foundation

/// Processes below others, as the system tells of them.
package enum ProcessTree {
    /// The last process in a chain of only children: the process itself where it has none. The processes that make up a
    /// sandbox have one child each, besides copies that a shell makes of itself, so this is the program that runs in
    /// it.
    package static func innermost(of process: Int32) -> Int32 {
        var current = process
        for _ in 0..<16 {
            let all = children(of: current)
            let others = all.count > 1 ? all.filter { name(of: $0) != name(of: current) } : all
            guard others.count == 1 else { break }
            current = others[0]
        }
        return current
    }

    private static func name(of process: Int32) -> String? {
        try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
    }

    /// In the order of their numbers.
    package static func children(of process: Int32) -> [Int32] {
        let files = FileManager.default
        let all = ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        return all.filter { parent(of: $0) == process }.sorted()
    }

    /// A process and all below it.
    package static func all(from process: Int32) -> [Int32] {
        let numbers = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        let below = Dictionary(grouping: numbers, by: parent)
        var found = [process]
        var seen = Set(found)
        var place = 0
        while place < found.count {
            found += (below[found[place]] ?? []).filter { seen.insert($0).inserted }
            place += 1
        }
        return found
    }

    /// Nil for a process that there isn't.
    package static func parent(of process: Int32) -> Int32? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            // The program's name stands in parentheses and may hold spaces and parentheses itself.
            let nameEnd = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: nameEnd)...].split(separator: " ")
        return fields.count > 1 ? Int32(fields[1]) : nil
    }
}
