package import BudgetModel
package import BudgetStore

/// What ops ask of a store.
extension TestStore {
    package func account(_ user: Identifier) async throws -> UserAccount { try await ask { $0.account(user, $1) }.get() }

    @discardableResult
    package func assign(_ change: UserChange, to user: Identifier) async throws -> UserAccount {
        try await ask { $0.assign(change, to: user, $1) }.get()
    }

    @discardableResult
    package func unassign(_ user: Identifier) async throws -> UserAccount { try await ask { $0.unassign(user, $1) }.get() }

    @discardableResult
    package func grant(_ request: GrantRequest, to user: Identifier) async throws -> GrantAnswer {
        let id = "g_\(UInt64.random(in: .min ... .max))"
        return try await ask { $0.grant(request, to: user, actor: "eva", id: id, $1) }.get()
    }

    @discardableResult
    package func reset(
        _ allowance: Identifier, _ dimensions: [Dimension: Identifier] = [:], of user: Identifier
    ) async throws -> ResetAnswer {
        try await ask { $0.reset(allowance, dimensions: dimensions, of: user, actor: "eva", reason: "a test", $1) }.get()
    }

    @discardableResult
    package func erase(_ user: Identifier) async throws -> Erasure { try await ask { $0.erase(user, $1) }.get() }

    package func users(search: String = "", limit: Int = 100, cursor: String? = nil) async throws -> UserPage {
        try await ask { $0.users(search: search, limit: limit, cursor: cursor, $1) }.get()
    }

    package func reservations(of user: Identifier) async throws -> ReservationList {
        try await ask { $0.reservations(of: user, $1) }.get()
    }

    package func allowances() async throws -> SharedAllowances { try await ask { $0.allowances($1) }.get() }

    /// The allowance `name` of a user.
    package func state(_ name: Identifier, of user: Identifier) async throws -> AllowanceState? {
        try await self.user(user).get().allowances.first { $0.name == name }
    }
}

extension UserChange {
    /// A change of some fields.
    package init(_ change: (inout UserChange) -> Void) {
        self.init()
        change(&self)
    }
}

extension GrantRequest {
    package init(
        _ allowance: Identifier, _ amount: String, until expiresAt: Int64? = nil, id: String? = nil,
        _ dimensions: [Dimension: Identifier] = [:]
    ) {
        self.init(allowance: allowance, amount: WrittenAmount(amount))
        self.expiresAt = expiresAt
        self.id = id
        self.dimensions = dimensions
    }
}
