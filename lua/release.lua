#!lua flags=allow-oom
-- release: cancel a reservation; what a checkpoint booked stays booked, the rest is free again.
-- KEYS 1 user hash, 2 reservation, 3 expiry index, 4 stream
-- ARGV 1 seal
-- returns 'k' ended, with report (state r, its settlement what it gave back; or e when it had expired) | 'x' already committed | 'g' no such reservation
local record = call('GET', keys[2])
local h = record and parse(record)
if not h or h.seal ~= argv[1] or h.state == 'k' then return 'g' end
if h.state == 'c' then return 'x' end
if h.state ~= 'o' then
  settle(keys[1], h)
  return report(1, h, record)
end

local was = booked(h)
settle(keys[1], h, amounts(h.input, h.output, h.cost, 1, 1), was, was, true, false)
h.state = now >= h.expires and 'e' or 'r'
tell(keys[4], h.state, keys[2], h, 0, '', record)
if h.state == 'r' then
  h.settlement = pack('<dd', math.max(h.input + h.output - was[1], 0), math.max(h.cost - was[4], 0))
end
record = format(h)
call('SET', keys[2], record, 'PX', ENDED_FOR)
write(keys[1])
call('ZREM', keys[3], string.sub(keys[2], #keys[3] + 2))
return report(0, h, record)
