#!lua flags=allow-oom
-- commit: settle a reservation with what was really used; late ones book too, each exactly once. Also checkpoints (final 0).
-- KEYS 1 user hash, 2 reservation, 3 expiry index
-- ARGV 1 seal, 2 '<ddddBB' (input, output, cost or -1, retention in ms, final, flags), 3 fingerprint of the settlement
-- returns 'k' settled, with report | 'x' already committed otherwise | 'g' no such reservation | 'o' a sum is too large
local now = clock()
local record = redis.call('GET', KEYS[2])
if not record or string.sub(record, 2, 15) ~= ARGV[1] then return 'g' end
local h = parse(record)
if h.state == 'k' then return 'g' end
local counters, assignment = touch(KEYS[1], h, now)
if h.state == 'c' then
  if h.settlement ~= ARGV[3] then return 'x' end
  return report('k', 1, now, h, counters, assignment)
end

local input, output, cost, retention, final, flags = struct.unpack('<ddddBB', ARGV[2])
-- What had a price when it was held is never settled for nothing.
if cost < 0 then cost = h.cost end
local before, wasOpen = { held = held(h), booked = booked(h) }, h.state == 'o'
if wasOpen and now >= h.expires then h.state = 'e' end
local late, original = h.state ~= 'o', taken(h)
h.bookedInput, h.bookedOutput, h.bookedCost, h.requests = input, output, cost, 1
local after = { booked = booked(h) }
local over = after.booked[1] > original[1] or (h.cost >= 0 and after.booked[4] > original[4])
for _, p in ipairs(h.parts) do over = over or after.booked[p.unit] > original[p.unit] end
h.flags = flags + (late and 1 or 0) + (over and 2 or 0)
if final == 1 then h.state, h.settlement = 'c', ARGV[3] end
after.held = held(h)
if not move(KEYS[1], h, counters, before, after) then return 'o' end

local member = string.sub(KEYS[2], #KEYS[3] + 2)
if h.state == 'o' then
  h.expires = now + h.ttl
  redis.call('ZADD', KEYS[3], string.format('%.0f', h.expires), member)
  redis.call('SET', KEYS[2], format(h))
else
  if wasOpen then redis.call('ZREM', KEYS[3], member) end
  local keep = final == 1 and string.format('%.0f', retention) or ENDED_FOR
  redis.call('SET', KEYS[2], format(h), 'PX', keep)
end
return report('k', 0, now, h, counters, assignment)
