/// What compiling one `UseCase` of a definition file gives: the use case, and where each part of it was written.
///
/// The definition's SHA-256 is taken over `useCase.canonicalJSON` alone, so that moving a line or a file makes no
/// new revision.
public struct DefinitionDocument: Codable, Hashable, Sendable {
    /// The version of the wire form that this build writes, and the only one that it reads.
    public static let currentFormat = 1

    /// The version of this wire form.
    public var format: Int
    public var useCase: UseCaseDefinition
    /// The path of the definition file, as the compiler was given it.
    public var sourceFile: String
    /// Lines, 1-based, by path: `owner`, `dataset.split`, `promptPrototype.prompts[1]`, `validation.require[0]`.
    ///
    /// A single-valued part that was written twice has its second line under `#duplicate:` and its path.
    public var locations: [String: Int]

    public init(
        format: Int = currentFormat, useCase: UseCaseDefinition, sourceFile: String, locations: [String: Int] = [:]
    ) {
        self.format = format
        self.useCase = useCase
        self.sourceFile = sourceFile
        self.locations = locations
    }

    /// The whole document as compact JSON with sorted keys.
    public var canonicalJSON: String { CanonicalJSON.text(of: self) }
}
