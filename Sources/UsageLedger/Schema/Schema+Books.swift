extension Schema {
    /// What it takes to move what a reservation has booked so far to another model, and to know the lives of sessions' counters.
    static func books(_ dialect: SQLDialect) -> [String] {
        let (integer, bytes) = (dialect.integer, dialect.bytes)
        let columns = ["milliseconds", "sequence", "dims", "requests", "input", "output", "cost", "cached", "cache_write", "reasoning"]
        return [
            """
            CREATE TABLE interim_bookings (user_id \(integer) NOT NULL, reservation \(bytes) NOT NULL,
                \(columns.map { "\($0) \(integer) NOT NULL" }.joined(separator: ", ")), PRIMARY KEY (user_id, reservation))
            \(dialect.clustered)
            """,
            "CREATE INDEX interim_bookings_by_age ON interim_bookings (milliseconds)",
            // A row's usage is the reservation's so far: that of its last event is what is booked.
            """
            INSERT INTO interim_bookings SELECT p.user_id, p.reservation, p.milliseconds, p.sequence, e.dims, 1, e.usage_input,
                e.usage_output, COALESCE(e.cost, 0), p.cached, p.cache_write, p.reasoning
            FROM reservation_parts p JOIN events e ON e.milliseconds = p.milliseconds AND e.sequence = p.sequence
                AND e.user_id = p.user_id AND e.reservation = p.reservation
            """,
            "DROP TABLE reservation_parts",
            "ALTER TABLE events ADD COLUMN usage_rare \(dialect.text)",
            "ALTER TABLE counter_totals ADD COLUMN since_rest \(integer) NOT NULL DEFAULT 0",
            "ALTER TABLE counter_totals ADD COLUMN resumed_at \(integer) NOT NULL DEFAULT 0",
            "ALTER TABLE counter_totals ADD COLUMN taken_at \(integer) NOT NULL DEFAULT 0",
            "UPDATE counter_totals SET taken_at = changed_at WHERE window_start = 0",
            // Digests that are there were made without a salt, and must be found again.
            "INSERT INTO meta (name, value) SELECT 'salt', '' WHERE EXISTS (SELECT 1 FROM events)",
        ]
    }
}
