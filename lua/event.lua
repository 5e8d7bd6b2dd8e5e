-- prelude: the ledger's event of a settlement: into the partition's stream, by the script that moves the counters, before its first
-- write (a stream that is none fails here, and nothing is booked).
-- Field `e` of an entry is an event. It begins with kind c1 and time I6; what follows is
--   of kinds c commit, p checkpoint, r release, e expiry, k record: what is booked now, as in a settled record (hold.lua) whose
--     state is the kind; with fields `k` the reservation's key, `s` what the settling call said, `r` the reservation's record as
--     it was before, of kind k as it is now, and `m` strays if there are any (hold.lua). usual.lua writes the same;
--   of kind z reset: who and why, and of which counters I4c0, then of each start I6 and what was used d, -1 for one that is gone;
--   of kind g grant: who, why and what;
--   of kind a repair: as of a reset, what it moved the ledger's sums by, which is nothing.
-- Field `t` is a user's assignment, see assign.lua. Field `u` is a user who was erased: whatever the ledger holds of that name up to here belongs to nobody from now on.
-- What a record's note, what calls say and what follows in kinds z and g look like inside is the service's affair alone.
local function tell(stream, kind, key, h, flags, said, record)
  local event = pack(SETTLEMENT, kind, now, h.bookedInput, h.bookedOutput, h.bookedCost, h.requests, flags, 0, '', 0, '')
  if strays == '' then
    call('XADD', stream, '*', 'e', event, 'k', key, 's', said, 'r', record)
  else
    call('XADD', stream, '*', 'e', event, 'k', key, 's', said, 'r', record, 'm', strays)
  end
end
