import FledgeAPI
import FledgeCore
import FledgeEngine
import Hummingbird

/// A plain page at `/` that shows where every use case stands; it loads nothing and runs no script.
struct StatusPageRoute {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.on(Endpoints.statusPage.facts) { request, _ in
            let after = request.uri.queryParameters.get("after")
            let statuses = try await api.statuses(after: after, limit: Self.rowsOnPage + 1)
            var response = Response.text(Self.page(statuses), Endpoints.statusPage.facts)
            response.headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'"
            response.headers[.xContentTypeOptions] = "nosniff"
            return response
        }
    }

    private static let rowsOnPage = 500

    /// On TCP there is no page: a browser has no token that it could send, and no login.
    static func refuse(in group: RouterGroup<ControlRouter.Context>) {
        group.on(Endpoints.statusPage.facts) { _, _ in
            throw FledgeError(
                "page.socket_only.unknown", "the status page is served on the daemon's socket only",
                hint: "fledge status --server shows the same")
        }
    }

    /// - Parameter statuses: more of them than fit on a page make a link to the next one.
    static func page(_ statuses: [UseCaseStatus]) -> String {
        let shown = statuses.prefix(rowsOnPage)
        let next =
            statuses.count > shown.count
            ? shown.last.map { "<p><a href=\"?after=\(inQuery($0.name))\">Next \(rowsOnPage)</a></p>" } ?? "" : ""
        let rows = shown.map { status in
            let state =
                status.state.block.map { "blocked: \($0.message)" }
                ?? (status.state.isPaused ? "paused" : status.state.activity.rawValue)
            let cells = [
                status.name, status.serving.map { "release \($0.release)" } ?? "–", status.state.stage.rawValue, state,
                String(status.callsMade),
            ]
            return "<tr>" + cells.map { "<td>\(InertText.html($0))</td>" }.joined() + "</tr>"
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

    private static func inQuery(_ name: String) -> String {
        name.utf8.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x2D
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
