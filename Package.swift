// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let instrumentation = Target.Dependency.product(name: "Instrumentation", package: "swift-distributed-tracing")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

/// The modules that read what comes from outside.
let readers = [
    "FledgeDocument", "FledgeCore", "FledgeEngine", "FledgeServing", "FledgeTraining", "FledgeAPI", "FledgeServer",
]

let package = Package(
    name: "fledge",
    products: [
        .executable(name: "fledge", targets: ["fledge"]),
        .executable(name: "fledged", targets: ["fledged"]),
        .library(name: "FledgeDSL", type: .dynamic, targets: ["FledgeDSL"]),
        .library(name: "Workflows", targets: ["Workflows"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: [.defaults, "CommandLineArguments", "Logging"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // System libraries and their clients; none of these knows a Fledge type.
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CCurl", dependencies: ["CLibcurl"]),
        .target(name: "PostgresClient", dependencies: ["CLibpq", logging]),
        .target(name: "CurlClient", dependencies: ["CCurl"]),
        .target(name: "OpenMetrics", dependencies: [coreMetrics]),
        .target(name: "SpanExport", dependencies: ["CurlClient", instrumentation, logging, tracing]),
        .target(name: "ManagedProcess", dependencies: [crypto, subprocess, systemPackage]),

        // What a use case is, and every decision about it: pure.
        .target(name: "FledgeDocument"),
        .target(name: "FledgeDSL", dependencies: ["FledgeDocument"]),
        // ICU comes with the toolchain, as a part of Foundation.
        .target(
            name: "FledgeCore", dependencies: ["FledgeDocument", crypto],
            linkerSettings: [.linkedLibrary("_FoundationICU")]),

        // Ports, run loops and the adapters to the world.
        .target(
            name: "FledgeEngine",
            dependencies: [
                "FledgeDocument", "FledgeCore", "ManagedProcess", "OpenMetrics", coreMetrics, logging, serviceLifecycle,
                tracing,
            ]),
        .target(
            name: "Migrations", dependencies: ["PostgresClient", crypto], path: "migrations",
            resources: [.embedInCode("sql")]),
        .target(
            name: "FledgePostgres",
            dependencies: [
                "FledgeDocument", "FledgeEngine", "FledgeCore", "PostgresClient", "Migrations", "ManagedProcess",
                crypto, logging, subprocess, systemPackage,
            ]),
        .target(
            name: "FledgeServing",
            dependencies: ["FledgeCore", "FledgeDocument", "FledgeEngine", "CurlClient", "ManagedProcess", logging],
            resources: [.embedInCode("Resources/server")]),
        .target(
            name: "FledgeTraining",
            dependencies: ["FledgeCore", "FledgeEngine", "ManagedProcess", logging],
            resources: [.embedInCode("Resources/trainer")]),
        .target(
            name: "FledgeReports", dependencies: ["FledgeDocument", "FledgeCore", "ManagedProcess", mustache],
            resources: [.embedInCode("Resources/templates")]),
        .target(name: "FledgeAPI", dependencies: ["FledgeCore", "FledgeDocument"]),
        .target(
            name: "FledgeClient",
            dependencies: ["FledgeAPI", "FledgeCore", "FledgeDocument", "FledgeEngine", "CurlClient"]),
        .target(
            name: "FledgeServer",
            dependencies: [
                "FledgeCore", "FledgeDocument", "FledgeEngine", "FledgeAPI", "ManagedProcess", "OpenMetrics",
                hummingbird, hummingbirdCore, logging, nioCore, nioHTTPTypes, nioPosix, serviceLifecycle,
            ]),
        .target(
            name: "FledgeDaemon",
            dependencies: [
                "FledgeCore", "FledgeDocument", "FledgeServer", "FledgeReports", "FledgeEngine", "FledgePostgres",
                "FledgeServing", "FledgeTraining", "CurlClient", "ManagedProcess",
                "Migrations", "OpenMetrics", "PostgresClient", "SpanExport", configuration, coreMetrics, logging,
                tracing, serviceLifecycle,
                unixSignals,
            ]),
        .target(
            name: "FledgeCLI",
            dependencies: [
                "FledgeClient", "FledgeEngine", "FledgeCore", "FledgeDocument", "FledgePostgres",
                "PostgresClient", "Migrations", "CurlClient", "ManagedProcess", argumentParser, logging,
            ]),
        .executableTarget(name: "fledge", dependencies: ["FledgeCLI"]),
        .executableTarget(name: "fledged", dependencies: ["FledgeDaemon"]),
        // The daemon with crashes at named places and a stub's models, for `FledgeBench chaos`.
        .target(
            name: "FledgeRehearsal",
            dependencies: [
                "FledgeCore", "FledgeDaemon", "FledgeDocument", "FledgeEngine", "FledgeServing", "FledgeTestKit",
                "CurlClient",
            ]),
        .executableTarget(name: "fledged-rehearsal", dependencies: ["FledgeRehearsal"]),

        // The use cases that come with Fledge.
        .target(name: "Workflows", dependencies: ["FledgeDSL"], path: "workflows", exclude: ["data"]),

        // Tests and benchmarks.
        .target(
            name: "FledgeTestKit",
            dependencies: [
                "FledgeCore", "FledgeDocument", "FledgeEngine", "FledgePostgres", "PostgresClient", "Migrations",
                "ManagedProcess", logging,
            ]),
        .executableTarget(
            name: "FledgeBench",
            dependencies: [
                "FledgeCore", "FledgeDocument", "FledgeEngine", "FledgePostgres", "FledgeServing", "FledgeTraining",
                "FledgeTestKit", "FledgeClient", "CCurl", "CurlClient", "ManagedProcess", "Migrations",
                "PostgresClient", argumentParser, logging,
            ],
            exclude: ["BENCHMARKS.md", "References"], resources: [.embedInCode("Resources")]),
        // Tries inputs of the fuzzers again; `Tests/Fuzz/run` builds it with libFuzzer.
        .executableTarget(
            name: "FledgeFuzz",
            dependencies: readers.map { .init(stringLiteral: $0) } + [
                "CurlClient", httpTypes, hummingbird, logging, nioCore, nioPosix,
            ],
            path: "Tests/Fuzz/Targets"),
        .testTarget(name: "PostgresClientTests", dependencies: ["PostgresClient", "FledgeTestKit", logging]),
        .testTarget(name: "CurlClientTests", dependencies: ["CurlClient", "ManagedProcess"]),
        .testTarget(name: "OpenMetricsTests", dependencies: ["OpenMetrics", "FledgeTestKit", coreMetrics]),
        .testTarget(
            name: "SpanExportTests", dependencies: ["SpanExport", "FledgeTestKit", instrumentation, logging, tracing]),
        .testTarget(name: "ManagedProcessTests", dependencies: ["ManagedProcess", "FledgeTestKit"]),
        .testTarget(name: "FledgeDSLTests", dependencies: ["FledgeDSL", "FledgeDocument", "FledgeCore", "Workflows"]),
        .testTarget(
            name: "FledgeCoreTests", dependencies: ["FledgeDSL", "FledgeDocument", "FledgeCore", "Workflows"],
            exclude: ["References"], resources: [.copy("Resources")]),
        .testTarget(
            name: "FledgeEngineTests",
            dependencies: [
                "FledgeCore", "FledgeDocument", "FledgeEngine", "FledgePostgres", "FledgeTestKit", "ManagedProcess",
                "PostgresClient", logging,
            ], exclude: ["References"]),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "FledgeCLI", "FledgeCore", "FledgeDocument", "FledgeEngine", "FledgePostgres", "FledgeServing",
                "FledgeTestKit", "CurlClient", "PostgresClient",
            ]),
        .testTarget(
            name: "FledgePostgresTests",
            dependencies: [
                "FledgeDocument", "FledgeEngine", "FledgePostgres", "FledgeCore", "PostgresClient", "Migrations",
                "FledgeTestKit", "ManagedProcess", logging,
            ], exclude: ["Golden"]),
        .testTarget(
            name: "FledgeServingTests",
            dependencies: [
                "FledgeCore", "FledgeDocument", "FledgeEngine", "FledgeServing", "CurlClient", "FledgeTestKit",
                "ManagedProcess", logging,
            ]),
        .testTarget(
            name: "FledgeTrainingTests",
            dependencies: [
                "FledgeCore", "FledgeDocument", "FledgeEngine", "FledgeRehearsal", "FledgeTraining", "FledgeServing",
                "FledgeTestKit", "ManagedProcess", logging,
            ], exclude: ["Fixtures"]),
        .testTarget(
            name: "FledgeReportsTests", dependencies: ["FledgeCore", "FledgeDocument", "FledgeReports"],
            exclude: ["Golden"]),
        .testTarget(
            name: "FledgeClientTests",
            dependencies: [
                "FledgeAPI", "FledgeClient", "FledgeCore", "FledgeDocument", "FledgeEngine", "FledgeTestKit",
            ]),
        .testTarget(
            name: "FledgeServerTests",
            dependencies: [
                "FledgeServer", "FledgeAPI", "FledgeClient", "FledgeCore", "FledgeDocument", "FledgeEngine",
                "FledgeTestKit", "CurlClient", hummingbird, logging, serviceLifecycle,
            ]),
        .testTarget(
            name: "FledgeCLITests",
            dependencies: [
                "FledgeCLI", "FledgeClient", "FledgeEngine", "FledgeCore", "FledgeDocument",
                "FledgePostgres", "PostgresClient", "CurlClient", "ManagedProcess", "FledgeTestKit", argumentParser,
                logging,
                // Run as they are installed.
                "fledge", "fledged", "fledged-rehearsal",
            ],
            exclude: ["Golden"]),
        .testTarget(
            name: "FledgeDaemonTests",
            dependencies: [
                // The tests start the executable, so it is built with them.
                "fledged", "FledgeDaemon", "FledgeClient", "FledgeCore", "FledgeDocument", "FledgeEngine",
                "FledgePostgres", "FledgeTestKit", "CurlClient", "ManagedProcess", "PostgresClient", logging,
            ]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17
)

for target in package.targets where target.type != .system {
    target.swiftSettings = settings
}

// MARK: Builds of a part

// `Tests/Fuzz/run` names libFuzzer's library here: what reads from outside is built for it, with AddressSanitizer.
if let library = Context.environment["FLEDGE_FUZZER"] {
    let instrumented = settings + [.define("FUZZER"), .unsafeFlags(["-O", "-sanitize=fuzzer,address"])]
    for target in package.targets where readers.contains(target.name) || target.name == "FledgeFuzz" {
        target.swiftSettings = instrumented
    }
    package.targets.first { $0.name == "FledgeFuzz" }?.linkerSettings = [
        .unsafeFlags(["-sanitize=address", library]), .linkedLibrary("stdc++"),
    ]
}

// The targets that are named here, and what they depend on, are all that there is: a build of tests takes every target.
if let names = Context.environment["FLEDGE_ONLY"]?.split(separator: " ").map(String.init) {
    var kept: Set<String> = []
    var found = names
    while let name = found.popLast() {
        guard kept.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else {
            continue
        }
        for case .byNameItem(let name, _) in target.dependencies { found.append(name) }
    }
    package.targets.removeAll { !kept.contains($0.name) }
    package.products = []
}
