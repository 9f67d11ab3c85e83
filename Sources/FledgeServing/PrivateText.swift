import FledgeCore
import FledgeDocument
import FledgeEngine

/// Keeps a request's own text, and the key, out of what a server says.
///
/// Servers repeat what they were sent, in whole or in part, with other blanks and escapes: so letters and digits alone are
/// compared, without regard to case.
struct PrivateText {
    /// How many letters and digits in a row are too many to be there by chance.
    private static let run = 12
    private static let runOfKey = 6

    private let request: [String]
    private let key: String?

    init(of request: CompletionRequest, key: String?) {
        self.init(texts: request.messages.map(\.content), key: key)
    }

    init(texts: [String], key: String?) {
        request = texts
        self.key = key
    }

    /// The words with each piece that is private replaced by `…`.
    func removed(from words: String) -> String {
        var words = Array(words)
        for (texts, run) in [(request, Self.run), (key.map { [$0] } ?? [], Self.runOfKey)] {
            words = Self.removing(texts, from: words, run: run)
        }
        return String(words)
    }

    private static func removing(_ texts: [String], from words: [Character], run: Int) -> [Character] {
        let places = words.indices.filter { words[$0].isLetter || words[$0].isNumber }
        guard places.count >= run, !texts.isEmpty else { return words }
        let letters = places.map { words[$0].lowercased() }
        var starts: [String: [Int]] = [:]
        for start in 0...(letters.count - run) {
            starts[letters[start..<start + run].joined(), default: []].append(start)
        }
        var isPrivate = Array(repeating: false, count: words.count)
        for text in texts {
            let theirs = text.filter { $0.isLetter || $0.isNumber }.map { $0.lowercased() }
            guard theirs.count >= run else { continue }
            for start in 0...(theirs.count - run) {
                for place in starts[theirs[start..<start + run].joined()] ?? [] {
                    for index in places[place]...places[place + run - 1] { isPrivate[index] = true }
                }
            }
        }
        var left: [Character] = []
        for index in words.indices {
            if !isPrivate[index] {
                left.append(words[index])
            } else if index == 0 || !isPrivate[index - 1] {
                left.append("…")
            }
        }
        return left
    }
}
