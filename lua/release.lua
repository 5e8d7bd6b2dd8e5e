#!lua flags=allow-oom
-- release: cancel a reservation; what a checkpoint booked stays booked, the rest is free again.
-- KEYS 1 user hash, 2 reservation, 3 expiry index
-- ARGV 1 seal
-- returns 'k' ended, with report (state r, its settlement what it gave back; or e when it had expired) | 'x' already committed | 'g' no such reservation
local now = clock()
local record = redis.call('GET', KEYS[2])
if not record or string.sub(record, 2, 15) ~= ARGV[1] then return 'g' end
local h = parse(record)
if h.state == 'k' then return 'g' end
if h.state == 'c' then return 'x' end
local counters, assignment = touch(KEYS[1], h, now)
if h.state ~= 'o' then return report('k', 1, now, h, counters, assignment) end

local before = { held = held(h), booked = booked(h) }
h.state = now >= h.expires and 'e' or 'r'
if h.state == 'r' then
  h.settlement = struct.pack('<dd', math.max(h.input + h.output - before.booked[1], 0), math.max(h.cost - before.booked[4], 0))
end
move(KEYS[1], h, counters, before, { held = held(h), booked = before.booked })
redis.call('ZREM', KEYS[3], string.sub(KEYS[2], #KEYS[3] + 2))
redis.call('SET', KEYS[2], format(h), 'PX', ENDED_FOR)
return report('k', 0, now, h, counters, assignment)
