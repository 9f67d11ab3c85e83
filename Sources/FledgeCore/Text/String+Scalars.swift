/// Searches by Unicode scalars. A mark that an accent follows is another character to Swift, but the same mark to a shell,
/// a spreadsheet and a tokenizer.
extension String {
    package func containsScalars(of mark: String) -> Bool { unicodeScalars.contains(mark.unicodeScalars) }

    package func replacingScalars(of mark: String, with text: String) -> String {
        String(unicodeScalars.replacing(mark.unicodeScalars, with: text.unicodeScalars))
    }
}
