import FledgeDocument

/// A use case of a definition file, compiled.
package struct CompiledDefinition: Codable, Hashable, Sendable {
    package var document: DefinitionDocument
    /// The whole text of the file that it stands in.
    package var sourceText: String
    /// The absolute folder of that file: what data paths are relative to.
    package var directory: String

    package init(document: DefinitionDocument, sourceText: String, directory: String) {
        self.document = document
        self.sourceText = sourceText
        self.directory = directory
    }
}
