#!lua flags=allow-oom
-- forget: end a hold that the ledger knows as settled, or more of which it has booked, in a store that lost that: what it holds is
-- given back, nothing is booked or told, and whoever settles it again meets no reservation.
-- KEYS 1 user hash, 2 reservation, 3 expiry index, 4 lease of the ledger
-- ARGV 1 the keeper of the ledger
-- returns 'k' done, there is none of that name | 'o' it has ended otherwise, nothing was done | 'n' another keeps the ledger, nothing was done
if call('GET', keys[4]) ~= argv[1] then return 'n' end
local record = call('GET', keys[2])
if record then
  local h = parse(record)
  if h.state ~= 'o' then return 'o' end
  local was = booked(h)
  settle(keys[1], h, amounts(h.input, h.output, h.cost, 1, 1), was, was, true, false)
  write(keys[1])
  call('DEL', keys[2])
end
call('ZREM', keys[3], string.sub(keys[2], #keys[3] + 2))
return 'k'
