-- reserve: hold the first rung that fits all its counters, or say which of them refused. Also `check`, which holds nothing.
-- KEYS 1 user hash, 2 reservation, 3 expiry index of the partition, 4.. shared counters
-- ARGV 1 the assignment's revision and a line feed, 2 header '<I6I6I6dddBBBBBc8' (ttl, valid from, till, input, output and cost of
--      the first rung at its most, mode, how many rungs, counters, fields, origins, environment tag), 3 fingerprint ('' without
--      idempotency key), 4 tier, 5 counters with that rung's amounts and the room for a plain answer, 6 ladder, 7 note: what
--      the ledger will want to know of the request, 8.. fields of the user's own counters, then the origins that holds remember,
--      then with a fingerprint a ticket for each rung and each counter's allowance. mode: 1 hold nothing, 2 the user is frozen,
--      4 the first rung is the model asked for, 8 due holds have been swept
-- returns one string: 'h' held | 'j' rejected | 'f' frozen | 's' stale plan | 'd' due holds first | 'p' replay | 'm' another request
local ttl, from, till, input, output, price, mode, rungs, count, own, origins, tag = peel('<I6I6I6dddBBBBBc8', argv[2])
local dry, frozen, asked, swept = mode % 2 == 1, mode % 4 >= 2, mode % 8 >= 4, mode >= 8
local fingerprint = argv[3]
if fingerprint ~= '' and not dry then
  local record = call('GET', keys[2])
  if record then
    local length, _, note, began, from = peel('<BHHHI4', record, 51)
    from = 62 + from + began + note
    return string.sub(record, from, from + length - 1) == fingerprint and 'p' or 'm'
  end
end

stored = call('HMGET', keys[1], 'a', 't', unpack(argv, 8, 7 + own))
local fits = take(count)
local index, bound, reason, cause, origin, refusal, amounts = 1, 1, asked and 0 or 5, 0, 1
local assignment = stored[1] or ''
if not fitting or top < from or top >= till or string.sub(stored[1] or '\n', 1, #argv[1]) ~= argv[1] then
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
  local source, note, kept = argv[7 + own + origin], argv[7], ''
  if fingerprint ~= '' then
    local after = 7 + own + origins
    local ticket, name = argv[after + index], cause > 0 and argv[after + rungs + cause] or ''
    kept = pack('<BHc0', reason, #name, name) .. ticket
  end
  -- Hold. Whatever could fail on a foreign value has been read above, or comes first.
  call('ZADD', keys[3], expires, string.sub(keys[2], #keys[3] + 2))
  call('SET', keys[2], pack('>I6<c8I6I4dddBBBHHHI4c0c0c0c0c0', now, tag, expires, ttl, input, output, price, index, reason,
    #fingerprint, #kept, #note, #starts, #source, source, starts, note, fingerprint, kept))
  if stored[2] ~= argv[4] then pairs[n + 1], pairs[n + 2], n = 't', argv[4], n + 2 end
  write(keys[1])
end
answer[1] = refusal or pack('<c1I6I6ddBBBB', 'h', now, expires, output, price, index, bound, reason, cause)
return table.concat(answer, '', 1, count + 1)
