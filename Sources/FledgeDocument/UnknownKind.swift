/// The error for a `kind` that this version of the document doesn't know.
func unknownKind<Key: CodingKey>(
    _ kind: String, of what: String, at key: Key, in box: KeyedDecodingContainer<Key>
) -> DecodingError {
    .dataCorruptedError(forKey: key, in: box, debugDescription: "unknown kind of \(what): \(kind)")
}
