// swift-tools-version: 6.2
import PackageDescription

/// Language settings shared by every target. `TOKEN_BUDGET_STRICT=1` (set by deploy/test.sh, so also in CI) turns
/// warnings into errors; without it a newer compiler's new warning does not stop somebody who only wants to run this.
let strict = Context.environment["TOKEN_BUDGET_STRICT"] == "1"
let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("ExistentialAny"),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

let scripts = [
    "clock", "names", "allow", "counter", "take", "choose", "hold", "event", "usual", "reserve", "commit", "release", "extend",
    "record", "inspect", "sweep", "assign", "reset", "erase", "allowances", "publish", "groups", "confirm", "lease", "epoch", "audit",
    "repair", "forget", "attribute",
].map { "\($0).lua" }

/// The parts of the OpenAPI document.
let descriptions = [
    "document", "decisions", "settlements", "users", "policy", "policy_document", "counters", "prices", "operations", "reports",
    "insights", "audit",
].map { "OpenAPI/\($0).yaml" }

let package = Package(
    name: "token-budget",
    products: [
        .executable(name: "token-budget", targets: ["token-budget"]), .executable(name: "budget-load", targets: ["budget-load"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", from: "0.2.0"),
    ],
    targets: [
        .systemLibrary(name: "CHiredis", path: "Sources/CHiredis"),
        .target(
            name: "BudgetModel",
            dependencies: [
                .product(name: "Yams", package: "Yams"), .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "BudgetMetrics",
            dependencies: [.product(name: "CoreMetrics", package: "swift-metrics")],
            swiftSettings: settings
        ),
        .target(
            name: "BudgetScripts",
            path: "lua",
            resources: scripts.map { .embedInCode($0) },
            swiftSettings: settings
        ),
        .target(
            name: "BudgetStore",
            dependencies: nio + [
                "CHiredis", "BudgetMetrics", "BudgetModel", "BudgetScripts",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .systemLibrary(name: "CPQ", path: "Sources/CPQ"),
        .target(
            name: "UsageLedger",
            dependencies: [
                "BudgetModel", "BudgetStore", "CPQ", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "BudgetHTTP",
            dependencies: [
                "BudgetModel", "BudgetStore", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Yams", package: "Yams"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "DecisionServer",
            dependencies: nio + [
                "BudgetMetrics", "BudgetModel", "BudgetStore", "BudgetHTTP", .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ControlServer",
            dependencies: nio + [
                "BudgetMetrics", "BudgetModel", "BudgetStore", "BudgetHTTP", "UsageLedger",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"), .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"), .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            resources: descriptions.map { .embedInCode($0) },
            swiftSettings: settings
        ),
        .target(
            name: "BudgetClient",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "CommandSupport",
            dependencies: [
                "BudgetClient", "BudgetModel", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "token-budget",
            dependencies: [
                "BudgetModel", "BudgetStore", "BudgetHTTP", "DecisionServer", "ControlServer", "BudgetClient", "CommandSupport",
                "UsageLedger",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"), .product(name: "Yams", package: "Yams"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "budget-load",
            dependencies: [
                "BudgetClient", "CommandSupport", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "benchmarks/Load",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "budget-ledger",
            dependencies: ["BudgetModel", "UsageLedger", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "benchmarks/Ledger",
            swiftSettings: settings
        ),
        .target(
            name: "TestSupport",
            dependencies: nio + [
                "BudgetModel", "BudgetScripts", "BudgetStore", .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        .testTarget(
            name: "BudgetMetricsTests",
            dependencies: ["BudgetMetrics", .product(name: "CoreMetrics", package: "swift-metrics")],
            swiftSettings: settings
        ),
        .testTarget(name: "BudgetModelTests", dependencies: ["BudgetModel", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "BudgetStoreTests",
            dependencies: [
                "BudgetMetrics", "BudgetModel", "BudgetStore", "BudgetScripts", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "BudgetClientTests",
            dependencies: nio + [
                "BudgetClient", "CommandSupport", "token-budget", .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "CommandSupportTests", dependencies: ["CommandSupport"], swiftSettings: settings),
        .testTarget(
            name: "DecisionServerTests",
            dependencies: [
                "BudgetModel", "BudgetStore", "BudgetHTTP", "DecisionServer", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ControlServerTests",
            dependencies: [
                "BudgetModel", "BudgetStore", "BudgetHTTP", "ControlServer", "DecisionServer", "TestSupport", "UsageLedger",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"), .product(name: "HummingbirdCore", package: "hummingbird"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "UsageLedgerTests", dependencies: ["BudgetModel", "UsageLedger", "TestSupport"], swiftSettings: settings
        ),
        .testTarget(
            name: "ServiceTests",
            dependencies: [
                "TestSupport", "token-budget", .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "LoadTests",
            dependencies: [
                "budget-load", "BudgetClient", "CommandSupport", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "RepositoryTests", swiftSettings: settings),
    ]
)
