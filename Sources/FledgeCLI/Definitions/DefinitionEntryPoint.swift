/// The generated source that prints what a definition file declares.
enum DefinitionEntryPoint {
    /// Goes before each document, so that a `print` in the definition can't be taken for one.
    static let marker = "fledge-definition:"

    /// The names of the constants that hold a use case: top-level, at the start of a line, visible to another file.
    static func useCaseNames(in source: String) -> [String] {
        let declaration =
            /^(?:(?:public|package|internal)\s+)?let\s+([\p{L}_][\p{L}\p{N}_]*)\s*(?::\s*UseCase\s*)?=\s*UseCase\s*\(/
            .anchorsMatchLineEndings()
        return source.matches(of: declaration).map { String($0.output.1) }
    }

    static func source(printing names: [String]) -> String {
        "import FledgeDSL\n\n"
            + names.map { "print(\"\(marker)\" + \($0).document.canonicalJSON)\n" }.joined()
    }
}
