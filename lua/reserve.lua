-- reserve: hold the first rung that fits all its counters, or say which of them refused. Also `check`, which holds nothing.
-- KEYS 1 user hash, 2 reservation, 3 expiry index of the partition, 4.. shared counters
-- ARGV 1 the assignment's revision and a line feed, 2 header '<I6I6I6BBBBBc8' (ttl, valid from, till, mode, how many rungs, counters,
--      fields, other origins, environment tag), 3 fingerprint ('' without idempotency key), 4 tier, 5 counters with the first
--      rung's amounts at its most and the room for a plain answer, 6 ladder, 7 the record behind seal and expiry (hold.lua) as it
--      is after a plain answer, 8.. fields of the user's own counters, then the origins of other rungs where they are not the
--      first one's, then with a fingerprint a ticket for each rung and each counter's allowance.
--      mode: 1 hold nothing, 2 the user is frozen, 4 the first rung is the model asked for, 8 due holds have been swept
-- returns one string: 'a' allowed plainly, the first rung at its most (from allow.lua) | 'h' held | 'j' rejected | 'f' frozen |
--   's' stale plan | 'd' due holds first | 'p' replay | 'm' another request
-- The plain allow has been answered by allow.lua, which has read ARGV 2 and the user's hash.
local frozen, asked, swept, body = mode % 4 >= 2, mode % 8 >= 4, mode >= 8, argv[7]
local input, output, price, long, at = peel('<dddI4', body)
stored = present
local fits = take(count)
local index, bound, reason, cause, origin, refusal, amounts = 1, 1, asked and 0 or 5, 0, 1
if not fitting or not known or top < from or top >= till then
  refusal = pack('<c1I6I4c0', 's', top, #assignment, assignment)
elseif frozen then
  refusal = pack('<c1I6', 'f', now)
elseif not fits then
  if not swept and #call('ZRANGEBYSCORE', keys[3], '-inf', now, 'LIMIT', 0, 1) > 0 then return 'd' end
  take(count, {})
  index, bound, output, price, reason, cause, origin, amounts = choose(count, rungs, input, asked)
  if not index then refusal = bound end
end

-- Without an index nothing fits, and the counters are laid out as they are already.
local expires = now + ttl
if index and (refusal or dry) then
  take(count, {})
elseif index then
  if amounts then take(count, amounts) end
  local ttl, _, _, length, noted, _, behind = peel('<I4BBBHH', body, at + long)
  local note, kept = string.sub(body, behind, behind + noted - 1), ''
  local source = origin == 1 and string.sub(body, at, at + long - 1) or argv[6 + own + origin]
  if fingerprint ~= '' then
    local after = 7 + own + origins
    local ticket, name = argv[after + index], cause > 0 and argv[after + rungs + cause] or ''
    kept = pack('<BHc0', reason, #name, name) .. ticket
  end
  -- Hold. Whatever could fail on a foreign value has been read above, or comes first.
  call('ZADD', keys[3], string.format('%d', expires), string.sub(keys[2], #keys[3] + 2))
  call('SET', keys[2], pack('>I6<c8I6dddI4', now, tag, expires, input, output, price, #source) .. source
    .. pack('<I4BBBHH', ttl, index, reason, length, noted, #starts) .. starts .. note .. fingerprint .. kept)
  if stored[2] ~= argv[4] then pairs[n + 1], pairs[n + 2], n = 't', argv[4], n + 2 end
  write(keys[1])
end
answer[1] = refusal or pack('<c1I6I6ddBBBB', 'h', now, expires, output, price, index, bound, reason, cause)
return table.concat(answer, '', 1, count + 1)
