/// The lines on which the parts of a use case were written, by path.
public struct Locations: Sendable {
    /// Line numbers, counted from 1, by path, such as `promptPrototype.prompts[0].user`.
    public private(set) var lines: [String: Int] = [:]

    init() {}

    /// Notes a part's line; a path that is noted twice keeps its first line, and the second as a duplicate.
    public mutating func note(_ path: String, _ line: Int) {
        if lines[path] == nil {
            lines[path] = line
        } else {
            lines["#duplicate:\(path)"] = line
        }
    }
}
