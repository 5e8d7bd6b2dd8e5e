#!lua flags=allow-oom
-- extend: keep a long call's reservation alive for another while from now.
-- KEYS 1 user hash (unused), 2 reservation, 3 expiry index
-- ARGV 1 seal, 2 time to live in ms, 0 for the reservation's own
-- returns 'k' and the new expiry '<I6' | 'n' it has ended | 'g' no such reservation
local record = call('GET', keys[2])
local h = record and parse(record)
if not h or h.seal ~= argv[1] or h.state == 'k' then return 'g' end
if h.state ~= 'o' or now >= h.expires then return 'n' end
local ttl = tonumber(argv[2])
h.expires = now + (ttl > 0 and ttl or h.ttl)
call('ZADD', keys[3], h.expires, string.sub(keys[2], #keys[3] + 2))
call('SET', keys[2], format(h))
return pack('<c1I6', 'k', h.expires)
