import Foundation

/// The standard metrics of a process, as Prometheus' own client libraries name them
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics), read from `/proc`.
package struct ProcessFigures: Sendable {
    private let processor: Double
    private let virtualBytes: Int64
    private let residentBytes: Int64
    private let startTime: Double
    private let openDescriptors: Int
    private let descriptorLimit: Int64

    /// nil where `/proc` says nothing.
    package init?() {
        // Fields are counted behind the command's name, which may itself hold spaces and parentheses; see proc(5).
        guard let stat = Self.file("/proc/self/stat"), let name = stat.lastIndex(of: ")"),
            let boot = Self.file("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }).flatMap({
                Double($0.dropFirst(6))
            }),
            let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        else { return nil }
        let fields = stat[stat.index(after: name)...].split(separator: " ").map { Int64($0) ?? 0 }
        guard fields.count > 21 else { return nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        processor = Double(fields[11] + fields[12]) / ticks
        startTime = boot + Double(fields[19]) / ticks
        virtualBytes = fields[20]
        residentBytes = fields[21] * Int64(sysconf(Int32(_SC_PAGESIZE)))
        openDescriptors = descriptors.count
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        descriptorLimit = Int64(clamping: limit.rlim_cur)
    }

    private static func file(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

    package func write(to families: inout MetricFamilies) {
        func add(_ name: String, _ kind: MetricFamily.Kind, _ help: String, _ value: MetricFamily.Value) {
            var family = MetricFamily(name, kind, help)
            family.series = [MetricFamily.Series([], value)]
            families.add(family)
        }
        add("process_cpu_seconds_total", .counter, "User and system time of the processor.", .real(processor))
        add("process_max_fds", .gauge, "Most file descriptors that may be open.", .integer(descriptorLimit))
        add("process_open_fds", .gauge, "File descriptors that are open.", .integer(Int64(openDescriptors)))
        add("process_resident_memory_bytes", .gauge, "Memory in RAM.", .integer(residentBytes))
        add("process_start_time_seconds", .gauge, "When the process started, seconds since 1970.", .real(startTime))
        add("process_virtual_memory_bytes", .gauge, "Address space.", .integer(virtualBytes))
    }
}
