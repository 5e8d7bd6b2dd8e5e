-- inspect: a reservation as it stands, for the repeated reserve of an idempotency key.
-- KEYS 1 user hash, 2 reservation
-- returns 'k' open, with report | 'n' it has ended | 'g' no such reservation
local now = clock()
local record = redis.call('GET', KEYS[2])
if not record then return 'g' end
local h = parse(record)
if h.state ~= 'o' or now >= h.expires then return 'n' end
local counters, assignment = touch(KEYS[1], h, now)
return report('k', 1, now, h, counters, assignment)
