/// The Lua scripts, put together from their files: the shebang line, the preludes a script needs, then the script.
/// Only what a script needs: every function of a prelude is made anew at each call, and reserve runs for every decision.
package enum Script: String, CaseIterable, Sendable {
    case reserve, commit, release, extend, record, inspect, sweep
    case assign, reset, erase, allowances, publish
    case groups, confirm, lease, epoch, audit, repair, forget, attribute

    /// Where scripts read the time. Tests put a key in its place; nothing else may.
    package enum Clock: Sendable {
        case store
        /// A key that holds milliseconds since 1970.
        case key(String)
    }

    package func source(clock: Clock = .store) -> String {
        let body = Self.text(ownFile)
        var shebang = "#!lua\n"
        var rest = body[...]
        if body.hasPrefix("#!"), let end = body.firstIndex(of: "\n") {
            shebang = String(body[...end])
            rest = body[body.index(after: end)...]
        }
        let preludes = self.preludes.map(Self.text).joined(separator: "\n")
        return shebang + Self.clockText(clock) + "\n" + preludes + "\n" + rest
    }

    private static func clockText(_ clock: Clock) -> String {
        switch clock {
        case .store: text(PackageResources.clock_lua)
        case .key(let name): "local now = tonumber(redis.call('GET', '\(name)'))"
        }
    }

    private var ownFile: [UInt8] {
        switch self {
        case .reserve: PackageResources.reserve_lua
        case .commit: PackageResources.commit_lua
        case .release: PackageResources.release_lua
        case .extend: PackageResources.extend_lua
        case .record: PackageResources.record_lua
        case .inspect: PackageResources.inspect_lua
        case .sweep: PackageResources.sweep_lua
        case .assign: PackageResources.assign_lua
        case .reset: PackageResources.reset_lua
        case .erase: PackageResources.erase_lua
        case .allowances: PackageResources.allowances_lua
        case .publish: PackageResources.publish_lua
        case .groups: PackageResources.groups_lua
        case .confirm: PackageResources.confirm_lua
        case .lease: PackageResources.lease_lua
        case .epoch: PackageResources.epoch_lua
        case .audit: PackageResources.audit_lua
        case .repair: PackageResources.repair_lua
        case .forget: PackageResources.forget_lua
        case .attribute: PackageResources.attribute_lua
        }
    }

    private var preludes: [[UInt8]] {
        let names = PackageResources.names_lua
        let counter = PackageResources.counter_lua
        let take = PackageResources.take_lua
        let hold = PackageResources.hold_lua
        let event = PackageResources.event_lua
        return switch self {
        case .reserve: [names, PackageResources.allow_lua, counter, take, PackageResources.choose_lua]
        case .record: [names, counter, take, hold, event]
        case .commit: [names, PackageResources.usual_lua, counter, hold, event]
        case .release, .sweep, .erase: [names, counter, hold, event]
        case .extend, .inspect, .forget: [names, counter, hold]
        case .reset, .repair: [names, counter]
        case .assign, .allowances, .publish, .groups, .confirm, .lease, .epoch, .audit, .attribute: []
        }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
