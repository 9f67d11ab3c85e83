import FledgeCore
import FledgeEngine
import Hummingbird

/// A plain page at `/` that shows where every use case stands; it loads nothing and runs no script.
struct StatusPageRoute {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("/") { request, _ in
            let after = request.uri.queryParameters.get("after")
            let statuses = try await api.statuses(after: after, limit: Self.rowsOnPage + 1)
            let page = Self.page(statuses)
            return Response(
                status: .ok,
                headers: [
                    .contentType: "text/html; charset=utf-8",
                    .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'",
                    .xContentTypeOptions: "nosniff",
                ],
                body: .init(byteBuffer: ByteBuffer(string: page)))
        }
    }

    private static let rowsOnPage = 500

    /// - Parameter statuses: more of them than fit on a page make a link to the next one.
    static func page(_ statuses: [UseCaseStatus]) -> String {
        let shown = statuses.prefix(rowsOnPage)
        let next =
            statuses.count > shown.count
            ? shown.last.map { "<p><a href=\"?after=\(escaped($0.name))\">Next \(rowsOnPage)</a></p>" } ?? "" : ""
        let rows = shown.map { status in
            let state =
                status.state.block.map { "blocked: \($0.message)" }
                ?? (status.state.isPaused ? "paused" : status.state.activity.rawValue)
            let cells = [
                status.name, status.serving.map { "release \($0.release)" } ?? "–", status.state.stage.rawValue, state,
                String(status.callsMade),
            ]
            return "<tr>" + cells.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
        }
        let heads = ["Use case", "Serves", "Stage", "State", "Calls"].map { "<th scope=\"col\">\($0)</th>" }.joined()
        return """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Fledge</title>
            <style>body{font:16px system-ui;margin:2em}td,th{padding:.3em 1em;text-align:left}</style></head>
            <body><h1>Fledge</h1><table><thead><tr>\(heads)</tr></thead><tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table>\(next)</body></html>
            """
    }

    static func escaped(_ text: String) -> String {
        text.reduce(into: "") { page, character in
            switch character {
            case "&": page += "&amp;"
            case "<": page += "&lt;"
            case ">": page += "&gt;"
            case "\"": page += "&quot;"
            case "'": page += "&#39;"
            default: page.append(character)
            }
        }
    }
}
