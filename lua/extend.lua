#!lua flags=allow-oom
-- extend: keep a long call's reservation alive for another while from now.
-- KEYS 1 user hash (unused), 2 reservation, 3 expiry index
-- ARGV 1 seal, 2 time to live in ms, 0 for the reservation's own
-- returns 'k' and the new expiry '<d' | 'n' it has ended | 'g' no such reservation
local now = clock()
local record = redis.call('GET', KEYS[2])
if not record or string.sub(record, 2, 15) ~= ARGV[1] then return 'g' end
local h = parse(record)
if h.state == 'k' then return 'g' end
if h.state ~= 'o' or now >= h.expires then return 'n' end
local ttl = tonumber(ARGV[2])
h.expires = now + (ttl > 0 and ttl or h.ttl)
redis.call('ZADD', KEYS[3], string.format('%.0f', h.expires), string.sub(KEYS[2], #KEYS[3] + 2))
redis.call('SET', KEYS[2], format(h))
return struct.pack('<c1d', 'k', h.expires)
