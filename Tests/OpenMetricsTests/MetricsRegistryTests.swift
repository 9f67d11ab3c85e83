import CoreMetrics
import FledgeTestKit
import OpenMetrics
import Testing

@Suite("Metrics")
struct MetricsRegistryTests {
    private func document(_ registry: MetricsRegistry) throws -> OpenMetricsDocument {
        try OpenMetricsDocument(OpenMetricsText.render(registry.snapshot()))
    }

    @Test("the text is what the format's own examples look like")
    func text() {
        let registry = MetricsRegistry([
            MetricDescription("calls", .counter, "Calls, by server."),
            MetricDescription("wait_seconds", .histogram(bounds: [0.5, 2]), unit: "seconds", "A wait."),
        ])
        Counter(label: "calls", dimensions: [("server", "a")], factory: registry).increment(by: 3)
        let timer = Timer(label: "wait_seconds", dimensions: [], factory: registry)
        timer.recordMilliseconds(500)
        timer.recordSeconds(3)
        #expect(
            OpenMetricsText.render(registry.snapshot()) == """
                # TYPE calls counter
                # HELP calls Calls, by server.
                calls_total{server="a"} 3
                # TYPE wait_seconds histogram
                # UNIT wait_seconds seconds
                # HELP wait_seconds A wait.
                wait_seconds_bucket{le="0.5"} 1
                wait_seconds_bucket{le="2.0"} 1
                wait_seconds_bucket{le="+Inf"} 2
                wait_seconds_count 2
                wait_seconds_sum 3.5
                # EOF

                """)
    }

    @Test("hostile labels and help come back as they were")
    func escapes() throws {
        let hostile = "a\\n\"b\"\n# EOF\n{x=\"1\"} ü"
        let registry = MetricsRegistry([MetricDescription("calls", .counter, hostile)])
        Counter(label: "calls", dimensions: [("who", hostile)], factory: registry).increment()
        let document = try document(registry)
        #expect(document.value("calls_total", ["who": hostile]) == 1)
        #expect(document.families["calls"]?.help == hostile)
    }

    @Test("names that the format does not take are made fit", arguments: ["9 lives", "café.calls", "", "a-b"])
    func names(label: String) throws {
        let registry = MetricsRegistry([])
        Counter(label: label, dimensions: [(label, "x")], factory: registry).increment()
        #expect(try document(registry).families.count == 1)
    }

    @Test("labels beyond the bound are counted together")
    func bounded() throws {
        let registry = MetricsRegistry([], maximumSeries: 5)
        for number in 0..<1000 {
            Counter(label: "calls", dimensions: [("n", "\(number)")], factory: registry).increment()
        }
        let document = try document(registry)
        #expect(document.families["calls"]?.samples.count == 6)
        #expect(document.value("calls_total", ["n": "other"]) == 995)
    }

    @Test("a counter's unit is scaled without losing a millionth, and nothing counts down")
    func counters() throws {
        let registry = MetricsRegistry([
            MetricDescription("cost_dollars", .counter, unit: "dollars", "Cost.", scale: 1e-6)
        ])
        let counter = Counter(label: "cost_dollars", dimensions: [], factory: registry)
        for _ in 0..<1_000_000 { counter.increment(by: 3) }
        counter.increment(by: -5)
        #expect(try document(registry).value("cost_dollars_total") == 3)
    }

    @Test("what is asked for as another kind than it is does no harm")
    func mistaken() throws {
        let registry = MetricsRegistry([MetricDescription("calls", .counter, "Calls.")])
        Meter(label: "calls", dimensions: [], factory: registry).set(7)
        Timer(label: "calls", dimensions: [], factory: registry).recordSeconds(7)
        #expect(try document(registry).families["calls"]?.samples.isEmpty == true)
    }

    @Test("many threads that count at once lose nothing")
    func concurrent() async throws {
        let registry = MetricsRegistry([MetricDescription("wait_seconds", .histogram(bounds: [1]), "A wait.")])
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        Counter(label: "calls", dimensions: [("n", "\(task % 3)")], factory: registry).increment()
                        Timer(label: "wait_seconds", dimensions: [], factory: registry).recordSeconds(2)
                    }
                }
            }
        }
        let document = try document(registry)
        let calls = try #require(document.families["calls"]).samples
        #expect(calls.reduce(0) { $0 + $1.value } == 8000)
        #expect(document.value("wait_seconds_count") == 8000)
    }

    @Test("the kernel's figures of this process are there")
    func process() throws {
        let document = try OpenMetricsDocument(OpenMetricsText.render(ProcessFigures.families(startedAt: 5)))
        #expect(document.value("process_start_time_seconds") == 5)
        #expect(document.value("process_resident_memory_bytes") ?? 0 > 1_000_000)
        #expect(document.value("process_open_fds") ?? 0 >= 3)
        #expect(document.value("process_cpu_seconds_total") != nil)
    }
}
