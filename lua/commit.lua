#!lua flags=allow-oom
-- commit: settle a reservation with what was really used; late ones book too, each exactly once. Also checkpoints (final 0).
-- KEYS 1 user hash, 2 reservation, 3 expiry index, 4 stream
-- ARGV 1 seal, 2 '<dddBB' (input, output, cost or -1, final, flags), 3 fingerprint of the settlement, 4 retention in ms,
--      5 what the call says for the ledger
-- returns 'k' settled, with report | 'x' already committed otherwise | 'g' no such reservation | 'o' a sum is too large
-- The usual one has been settled by usual.lua, which has read `record` and ARGV 2.
local h = record and parse(record)
if not h or h.seal ~= argv[1] or h.state == 'k' then return 'g' end
if h.state == 'c' then
  if h.settlement ~= argv[3] then return 'x' end
  settle(keys[1], h)
  return report(1, h, record)
end

-- What had a price when it was held is never settled for nothing.
if cost < 0 then cost = h.cost end
local open = h.state == 'o'
local late = not open or now >= h.expires
local holds = final == 0 and not late
local took, is = amounts(h.input, h.output, h.cost, 1, 1), amounts(input, output, cost, 1, 0)
local was = booked(h)
local done, over = settle(keys[1], h, took, was, is, open, holds)
if not done then return 'o' end
over = over or is[1] > took[1] or (h.cost >= 0 and is[4] > took[4])

h.bookedInput, h.bookedOutput, h.bookedCost, h.requests = input, output, cost, 1
h.flags, h.settlement = flags + (late and 1 or 0) + (over and 2 or 0), final == 1 and argv[3] or h.settlement or ''
h.said = final == 1 and '' or argv[5]
local member = string.sub(keys[2], #keys[3] + 2)
-- What may fail comes first: nothing is told that is not done.
if holds then
  h.expires = now + h.ttl
  call('ZADD', keys[3], h.expires, member)
end
tell(keys[4], final == 1 and 'c' or 'p', keys[2], h, h.flags, argv[5], record)
if holds then
  record = format(h)
  call('SET', keys[2], record)
else
  if final == 1 then
    h.state = 'c'
  elseif open then
    h.state = 'e'
  end
  record = format(h)
  call('SET', keys[2], record, 'PX', final == 1 and argv[4] or ENDED_FOR)
end
write(keys[1])
if open and not holds then call('ZREM', keys[3], member) end
return report(0, h, record, was)
