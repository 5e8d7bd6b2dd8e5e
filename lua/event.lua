-- prelude: the ledger's event of a settlement: into the partition's stream, by the script that moves the counters, before its first
-- write (a stream that is none fails here, and nothing is booked).
-- Field `e` of an entry is an event: kind c1, time I6, and
--   of kinds c commit, p checkpoint, r release, e expiry, k record: what is booked now, input, output, cost d (-1: unpriced),
--     requests B, flags B, the reservation's key Hc0, what the settling call said Hc0, strays Hc0 (see hold.lua); and in field `r`
--     the reservation's record as it was before, of kind k as it is now. usual.lua writes the same;
--   of kind z reset: who and why, and of which counters I4c0, then of each start I6 and what was used d, -1 for one that is gone;
--   of kind g grant: who, why and what.
-- Field `u` is a user who was erased: whatever the ledger holds of that name up to here belongs to nobody from now on.
-- What a record's note, what calls say and what follows in kinds z and g look like inside is the service's affair alone.
local function tell(stream, kind, key, h, flags, said, record)
  call('XADD', stream, '*', 'e', pack('<c1I6dddBBHc0Hc0Hc0', kind, now, h.bookedInput, h.bookedOutput, h.bookedCost, h.requests,
    flags, #key, key, #said, said, #strays, strays), 'r', record)
end
