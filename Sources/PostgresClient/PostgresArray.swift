import FoundationEssentials

/// A type whose Swift array is a PostgreSQL value: a one-dimensional array, or `bytea` for bytes.
package protocol PostgresArrayElement: PostgresEncodable, PostgresDecodable {
    static func encode(array: [Self], into text: inout [UInt8])
    static func decode(array text: UnsafeBufferPointer<UInt8>) -> [Self]?
}

extension PostgresArrayElement {
    package static func encode(array: [Self], into text: inout [UInt8]) {
        ArrayText.encode(array, into: &text)
    }

    package static func decode(array text: UnsafeBufferPointer<UInt8>) -> [Self]? {
        guard let elements = ArrayText.decode(text, as: Self.self) else { return nil }
        let values = elements.compactMap { $0 }
        return values.count == elements.count ? values : nil
    }
}

extension String: PostgresArrayElement {}
extension Bool: PostgresArrayElement {}
extension Int: PostgresArrayElement {}
extension Int64: PostgresArrayElement {}
extension Int32: PostgresArrayElement {}
extension Double: PostgresArrayElement {}
extension UUID: PostgresArrayElement {}
extension Date: PostgresArrayElement {}

// `[UInt8]` is bytea: an array conforms once only, so the element chooses the form.
extension UInt8: PostgresArrayElement {
    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> UInt8? {
        UInt8(String(decoding: text, as: UTF8.self))
    }
    package static func encode(array: [UInt8], into text: inout [UInt8]) { ByteaText.encode(array, into: &text) }
    package static func decode(array text: UnsafeBufferPointer<UInt8>) -> [UInt8]? { ByteaText.decode(text) }
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    package func encode(into text: inout [UInt8]) { Element.encode(array: self, into: &text) }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [Element]? { Element.decode(array: text) }
}

/// An array with NULLs in it, as `unnest($1::text[])` needs for a nullable column.
package struct PostgresArray<Element: PostgresEncodable & PostgresDecodable>: PostgresEncodable, PostgresDecodable {
    package var elements: [Element?]

    package init(_ elements: [Element?]) { self.elements = elements }

    package func encode(into text: inout [UInt8]) { ArrayText.encode(elements, into: &text) }

    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> PostgresArray<Element>? {
        ArrayText.decode(text, as: Element.self).map { PostgresArray($0) }
    }
}
