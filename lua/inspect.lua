#!lua flags=no-writes
-- inspect: what an idempotency key was used for, for its repeated request.
-- KEYS 1 user hash, 2 reservation
-- ARGV 1 fingerprint of the request
-- returns 'k' an open reservation or a record, with report | 'n' a reservation that has ended | 'm' another request | 'g' nothing
local record = call('GET', keys[2])
if not record then return 'g' end
local h = parse(record)
if h.fingerprint ~= argv[1] then return 'm' end
if h.state ~= 'k' and (h.state ~= 'o' or now >= h.expires) then return 'n' end
settle(keys[1], h)
return report(1, h, record)
