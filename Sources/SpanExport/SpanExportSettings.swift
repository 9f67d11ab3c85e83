import Foundation

/// Where spans go, from the environment variables that OpenTelemetry names.
///
/// | variable | meaning |
/// |---|---|
/// | `OTEL_EXPORTER_OTLP_ENDPOINT` | the collector; spans go to `/v1/traces` below it |
/// | `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` | the whole address, in its place |
/// | `OTEL_EXPORTER_OTLP_HEADERS`, `…_TRACES_HEADERS` | `name=value,…`, percent-encoded |
/// | `OTEL_TRACES_SAMPLER_ARG` | the share of traces that are kept, 0…1 |
/// | `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` | who this is |
/// | `OTEL_SDK_DISABLED=true`, `OTEL_TRACES_EXPORTER=none` | off |
package struct SpanExportSettings: Sendable {
    package var url: String
    package var headers: [(name: String, value: String)] = []
    package var ratio: Double = 1
    package var resource: [(name: String, value: String)] = []
    package var capacity = 2048
    package var batch = 512
    package var delay: Duration = .seconds(5)
    package var timeout: Duration = .seconds(10)

    package init(url: String) { self.url = url }

    /// Nil when nothing asks for spans.
    package init?(environment: [String: String], service: String, version: String) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard value("OTEL_SDK_DISABLED")?.lowercased() != "true", value("OTEL_TRACES_EXPORTER") != "none" else {
            return nil
        }
        if let whole = value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
            url = whole
        } else if let base = value("OTEL_EXPORTER_OTLP_ENDPOINT") {
            url = (base.hasSuffix("/") ? String(base.dropLast()) : base) + "/v1/traces"
        } else {
            return nil
        }
        headers = Self.pairs(value("OTEL_EXPORTER_OTLP_TRACES_HEADERS") ?? value("OTEL_EXPORTER_OTLP_HEADERS"))
        if let share = value("OTEL_TRACES_SAMPLER_ARG").flatMap(Double.init), (0...1).contains(share) { ratio = share }
        resource = Self.pairs(value("OTEL_RESOURCE_ATTRIBUTES")).filter { $0.name != "service.name" }
        resource.append(("service.name", value("OTEL_SERVICE_NAME") ?? service))
        resource.append(("service.version", version))
    }

    private static func pairs(_ text: String?) -> [(name: String, value: String)] {
        (text ?? "").split(separator: ",").compactMap { part in
            let sides = part.split(separator: "=", maxSplits: 1)
                .map { $0.trimmingCharacters(in: .whitespaces).removingPercentEncoding ?? "" }
            return sides.count == 2 && !sides[0].isEmpty ? (sides[0], sides[1]) : nil
        }
    }
}
