import FledgeCore
import Foundation
import Hummingbird

/// Looks for NUL characters in requests: no database, path or prompt takes one, and the database would say so in words that
/// help nobody.
enum NULCharacters {
    /// - Parameter isDefinition: whether `document` is a definition, whose own check tells them with their lines.
    /// - Throws: `request.nul_character`, with the name of the field.
    static func refuse(in body: Data, isDefinition: Bool) throws {
        // Only a body that has the escape is read a second time.
        guard body.range(of: Data(#"\u0000"#.utf8)) != nil,
            let value = try? JSONSerialization.jsonObject(with: body, options: [.fragmentsAllowed]),
            let field = field(of: value, at: "", isDefinition: isDefinition)
        else { return }
        throw error(field)
    }

    /// - Throws: `request.nul_character` for a path or a query with one.
    static func refuse(in uri: String) throws {
        if uri.contains("%00") || uri.utf8.contains(0) { throw error("the address") }
    }

    private static func error(_ field: String) -> FledgeError {
        FledgeError(
            "request.nul_character", "\(field) holds a NUL character", hint: "take it out: nothing can store it")
    }

    private static func field(of value: Any, at path: String, isDefinition: Bool) -> String? {
        switch value {
        case let text as String: return text.utf8.contains(0) ? (path.isEmpty ? "the body" : path) : nil
        case let list as [Any]:
            return list.indices.lazy.compactMap { place in
                field(of: list[place], at: "\(path)[\(place)]", isDefinition: false)
            }.first
        case let members as [String: Any]:
            return members.keys.sorted().lazy.compactMap { key -> String? in
                if key.utf8.contains(0) { return path.isEmpty ? "a field's name" : "a field's name in \(path)" }
                guard !(isDefinition && key == "document"), let member = members[key] else { return nil }
                return field(of: member, at: path.isEmpty ? key : "\(path).\(key)", isDefinition: false)
            }.first
        default: return nil
        }
    }
}

/// Refuses addresses with a NUL character.
struct NULMiddleware: RouterMiddleware {
    typealias Context = ControlRouter.Context

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        try NULCharacters.refuse(in: request.uri.string)
        return try await next(request, context)
    }
}
