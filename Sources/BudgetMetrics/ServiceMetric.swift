/// Every metric of the service: its name, and what it teaches whoever reads it. `docs/operations.md` lists the same.
///
/// No user, session or team is ever a label: there are millions of them. Tiers come from policy; a feature keeps its name if
/// policy names it.
package enum ServiceMetric: String, CaseIterable, Sendable {
    case decisions = "tokenbudget_decisions_total"
    case tokensCommitted = "tokenbudget_tokens_committed_total"
    case chargedMicrocents = "tokenbudget_charged_microcents_total"
    case holds = "tokenbudget_holds"
    case holdsExpired = "tokenbudget_holds_expired_total"
    case lateCommits = "tokenbudget_late_commits_total"
    case overHoldCommits = "tokenbudget_over_hold_commits_total"
    case overcommitTokens = "tokenbudget_overcommit_tokens_total"
    case bypasses = "tokenbudget_bypasses_total"
    case estimated = "tokenbudget_estimated_settlements_total"
    case unpriced = "tokenbudget_unpriced_settlements_total"
    case replayed = "tokenbudget_replayed_total"
    case wouldReject = "tokenbudget_would_reject_total"
    case staleReplans = "tokenbudget_stale_replans_total"
    case storeRequestDuration = "tokenbudget_store_request_duration_seconds"
    case storeErrors = "tokenbudget_store_errors_total"
    case storeLostData = "tokenbudget_store_lost_data"
    case storeDataLosses = "tokenbudget_store_data_losses_total"
    case storeMemory = "tokenbudget_store_memory_bytes"
    case storeMemoryLimit = "tokenbudget_store_memory_limit_bytes"
    case storeInfo = "tokenbudget_store_info"
    case policyVersion = "tokenbudget_policy_version"
    case policyFollows = "tokenbudget_policy_follows"
    case configLastReloadSuccessful = "tokenbudget_config_last_reload_successful"
    case keysLastReloadSuccessful = "tokenbudget_keys_last_reload_successful"
    case ledgerKeeper = "tokenbudget_ledger_keeper"
    case ledgerWorks = "tokenbudget_ledger_works"
    case ledgerWaiting = "tokenbudget_ledger_waiting_events"
    case ledgerLag = "tokenbudget_ledger_lag_seconds"
    case ledgerBooked = "tokenbudget_ledger_booked_total"
    case ledgerUnreadable = "tokenbudget_ledger_unreadable_total"
    case ledgerRebuilding = "tokenbudget_ledger_rebuilding"
    case ledgerRebuilds = "tokenbudget_ledger_rebuilds_total"
    case ready = "tokenbudget_ready"
    case httpRequests = "tokenbudget_http_requests_total"
    case httpRequestDuration = "tokenbudget_http_request_duration_seconds"
    case connections = "tokenbudget_connections"
    case buildInfo = "tokenbudget_build_info"

    package var kind: MetricFamily.Kind {
        switch self {
        case .holds, .storeLostData, .storeMemory, .storeMemoryLimit, .policyVersion, .policyFollows, .configLastReloadSuccessful,
            .keysLastReloadSuccessful, .ledgerKeeper, .ledgerWorks, .ledgerWaiting, .ledgerLag, .ledgerRebuilding, .ready,
            .connections:
            .gauge
        case .storeInfo, .buildInfo: .info
        case .storeRequestDuration, .httpRequestDuration: .histogram
        default: .counter
        }
    }

    package var help: String {
        switch self {
        case .decisions:
            "Answers to reserve, new ones only. Features that policy does not name are counted as \"other\"; reason is empty for a plain allow."
        case .tokensCommitted:
            "Tokens booked by commits, checkpoints and records, of every kind; what a checkpoint corrects later is in."
        case .chargedMicrocents: "Money booked, in microcents: 1e8 are one US dollar. Usage without a price adds nothing here."
        case .holds: "Reservations open in the store now. All nodes of one store say the same: take the max over nodes, not the sum."
        case .holdsExpired:
            "Reservations that ran out unsettled and were given back: callers that crash, forget, or take longer than their ttl."
        case .lateCommits:
            "Commits after their reservation had expired or been released. Booked in full all the same; ttl_seconds is too short."
        case .overHoldCommits:
            "Commits of more than was held, booked in full: estimates of input are too low, or a model ignores max_output_tokens."
        case .overcommitTokens: "Tokens committed beyond what was held."
        case .bypasses: "Usage booked by record, without a reserve: spending that no allowance could stop."
        case .estimated:
            "Final commits without usage, charged at the input's estimate: aborted calls, or callers that drop the provider's usage."
        case .unpriced: "Final commits and records of a model without a price: money that is spent and not counted."
        case .replayed: "Repeats answered from memory with one effect, by verb: retries of callers."
        case .wouldReject: "Decisions granted that a shadow allowance would have refused, were it binding."
        case .staleReplans: "Plans made again because the store knew better: a window rolled over, or ops changed the user."
        case .storeRequestDuration:
            "From sending Redis a command of a decision or settlement to its answer, late ones too. Sweeps are not in it."
        case .storeErrors:
            "Calls of the decision API that the store failed, by kind: unavailable, timed_out, overloaded, refusing, corrupt, misconfigured, lost_data."
        case .storeLostData:
            "1 while this node finds Redis without the data it had: nothing is decided until they are rebuilt from the ledger."
        case .storeDataLosses: "Times that this node found Redis without the data it had. Any is worth an audit, and a look at Redis."
        case .storeMemory: "Memory that Redis uses."
        case .storeMemoryLimit: "Redis' maxmemory; absent when it has none. Near it, nothing new is held."
        case .storeInfo: "Always 1; which Redis answers."
        case .policyVersion: "The version of the policy that decides on this node."
        case .policyFollows: "1 while this node follows the stored policy, 0 when it decides by an older one."
        case .configLastReloadSuccessful: "1 if the policy file could be used when it was last read, 0 if the one before still decides."
        case .keysLastReloadSuccessful: "1 if the keys file could be used when it was last read, 0 if the keys before it still hold."
        case .ledgerKeeper: "1 on the node that takes events into the ledger, else 0. The sum over nodes is 1."
        case .ledgerWorks: "1 while this node can do its part for the ledger, 0 when its database or Redis does not answer."
        case .ledgerWaiting: "Events in Redis that the ledger has not confirmed yet; told by the node that takes them."
        case .ledgerLag: "Age of the oldest event that the ledger has not confirmed yet; 0 when none waits."
        case .ledgerBooked: "Events that this node has taken into the ledger."
        case .ledgerUnreadable:
            "Entries that could not be booked and are set aside in the ledger's table set_aside. Any is worth a look."
        case .ledgerRebuilding: "1 on the node that rebuilds a Redis which lost its data, else 0."
        case .ledgerRebuilds:
            "Rebuildings of a Redis that lost its data, by result: completed, or failed, which are begun anew after a second."
        case .ready: "1 when /readyz says so, else 0."
        case .httpRequests: "Requests answered, by listener and class of status. A rejection is an answer: 2xx."
        case .httpRequestDuration: "From having read a request whole to writing its answer, by listener."
        case .connections: "Open connections, by listener."
        case .buildInfo: "Always 1; what runs here."
        }
    }
}
