import BudgetMetrics
import Foundation
import Testing

@Suite struct ProcessFiguresTests {
    private func value(_ name: String) throws -> Double {
        var families = MetricFamilies()
        try #require(ProcessFigures()).write(to: &families)
        let line = Exposition.text(families.sorted, .prometheus).split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        return try #require(line.flatMap { Double($0.dropFirst(name.count + 1)) })
    }

    @Test func theProcessStartedInThePastAndNotBeforeTheMachine() throws {
        let start = try value("process_start_time_seconds")
        #expect(start < Date().timeIntervalSince1970 + 1)
        #expect(start > Date().timeIntervalSince1970 - 86_400)
    }

    @Test func memoryIsInBytes() throws {
        let resident = try value("process_resident_memory_bytes")
        #expect(resident > 1_000_000)
        #expect(try value("process_virtual_memory_bytes") > resident)
    }

    @Test func anOpenFileIsOneDescriptorMore() throws {
        let before = try value("process_open_fds")
        let pipes = (0..<8).map { _ in Pipe() }
        #expect(try value("process_open_fds") > before)
        #expect(try value("process_max_fds") >= before)
        withExtendedLifetime(pipes) {}
    }

    @Test func workTakesProcessorTime() throws {
        let before = try value("process_cpu_seconds_total")
        var bits: UInt64 = 1
        while try value("process_cpu_seconds_total") <= before {
            for _ in 0..<100_000 { bits = bits &* 6_364_136_223_846_793_005 &+ 1 }
        }
        #expect(bits != 0)
    }
}
