#!lua flags=allow-oom
-- record: book usage that had no reserve, in full and whatever the limits say, once per idempotency key.
-- KEYS 1 user hash, 2 record of the idempotency key, 3 stream, 4.. shared counters
-- ARGV 1 as for reserve, 2 '<dddBI6I6BBBc8' (input, output, cost or -1, requests, valid from, till, flags, how many counters,
--      fields, environment tag), 3 fingerprint, 4 tier, 5 counters, 6 what the call says for the
--      ledger, 7 note, 8.. fields, then the origin, then the retention in ms
-- returns 'k' booked, with report | 's' stale plan | 'm' the key was used for another request | 'o' a sum is too large
local input, output, cost, requests, from, till, flags, count, own, tag = peel('<dddBI6I6BBBc8', argv[2])
local known = call('GET', keys[2])
if known then
  local h = parse(known)
  if h.state ~= 'k' or h.fingerprint ~= argv[3] then return 'm' end
  settle(keys[1], h)
  return report(1, h, known)
end

stored = call('HMGET', keys[1], 'a', 't', unpack(argv, 8, 7 + own))
local fits = take(count, nil, true)
local assignment = stored[1] or ''
if top < from or top >= till or string.sub(stored[1] or '\n', 1, #argv[1]) ~= argv[1] then
  return pack('<c1I6I4c0', 's', top, #assignment, assignment)
end
if not fits then return 'o' end

local origin, note = argv[8 + own], argv[7]
local record = pack(SETTLEMENT, 'k', now, input, output, cost, requests, flags, 0, '', 0, '')
  .. pack('>I6<c8I6dddI4', now, tag, now, 0, 0, cost < 0 and -1 or 0, #origin) .. origin
  .. pack('<I4BBBHH', 0, 1, 0, #argv[3], #note, #starts) .. starts .. note .. argv[3]
local h = parse(record)
tell(keys[3], 'k', keys[2], h, flags, argv[6], record)
call('SET', keys[2], record, 'PX', argv[9 + own])
if stored[2] ~= argv[4] then pairs[n + 1], pairs[n + 2], n = 't', argv[4], n + 2 end
write(keys[1])
settle(keys[1], h)
return report(0, h, record)
