import BudgetStore

extension TestStore {
    /// Sets what was used of all counters of a user to 100, past the service, as somebody with `redis-cli` might.
    package static func spoilCounters(of user: String, in database: Int) async throws {
        let store = try await TestStore("{default_tier: free, tiers: {free: {allowances: []}}}", database: database)
        let script = """
            for _, key in ipairs(redis.call('KEYS', 'tb:*:u:' .. ARGV[1])) do
              local fields = redis.call('HGETALL', key)
              for i = 1, #fields, 2 do
                local value = fields[i + 1]
                if #fields[i] > 1 then
                  redis.call('HSET', key, fields[i], value:sub(1, 12) .. struct.pack('<d', 100) .. value:sub(21))
                end
              end
            end
            """
        try await store.redis("EVAL", script, "0", user)
        try await store.stores.close()
    }
}
