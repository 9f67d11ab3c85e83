/// Where a secret is to be found when it is needed; the secret itself is never part of a definition.
///
/// Written as `env:NAME` or `file:PATH`.
public enum SecretReference: Hashable, Sendable, CustomStringConvertible {
    /// The value of the daemon's environment variable of this name.
    case env(String)
    /// The content of the file at this path.
    case file(String)

    public init?(_ text: String) {
        if text.hasPrefix("env:") {
            self = .env(String(text.dropFirst(4)))
        } else if text.hasPrefix("file:") {
            self = .file(String(text.dropFirst(5)))
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .env(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        }
    }
}

extension SecretReference: Codable {
    public init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        guard let reference = SecretReference(try box.decode(String.self)) else {
            // The text is left out of the message: it may be the secret itself.
            throw DecodingError.dataCorruptedError(
                in: box, debugDescription: "a secret reference is written env:NAME or file:PATH")
        }
        self = reference
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.singleValueContainer()
        try box.encode(description)
    }
}
