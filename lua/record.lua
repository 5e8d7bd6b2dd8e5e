#!lua flags=allow-oom
-- record: book usage that had no reserve, in full and whatever the limits say, once per idempotency key.
-- KEYS 1 user hash, 2 record of the idempotency key, 3 expiry index (unused), 4.. shared counters
-- ARGV 1 assignment revision assumed, 2 '<dddddddBB' (input, output, cost or -1, requests, valid from, till, retention, flags, counters),
--      3 environment tag, 4 fingerprint, 5 tier, then (definition, field)* of counters as for reserve
-- returns 'k' booked, with report | 's' stale plan | 'm' the key was used for another request | 'o' a sum is too large
local input, output, cost, requests, from, till, retention, flags, count = struct.unpack('<dddddddBB', ARGV[2])
local now = clock()
local known = redis.call('GET', KEYS[2])
if known then
  local h = parse(known)
  if h.state ~= 'k' or h.fingerprint ~= ARGV[4] then return 'm' end
  local counters, assignment = touch(KEYS[1], h, now)
  return report('k', 1, now, h, counters, assignment)
end

local fields = { 'a' }
for i = 1, count do
  local field = ARGV[5 + 2 * i]
  if field ~= '' then fields[#fields + 1] = field end
end
local stored = redis.call('HMGET', KEYS[1], unpack(fields))
local amounts = { input + output, input, output, math.max(cost, 0), requests, 0 }
local counters, parts, pairs, top, nextField, nextKey, fresh = {}, {}, { 't', ARGV[5] }, now, 2, 4, false
for i = 1, count do
  local unit, kind, a, b, _, _, _, _, e = struct.unpack('<BBdddddddd', ARGV[4 + 2 * i])
  local name, value = ARGV[5 + 2 * i], nil
  local shared = name == ''
  if shared then
    name, nextKey = KEYS[nextKey], nextKey + 1
    value = redis.call('GET', name)
  else
    value, nextField = stored[nextField], nextField + 1
    fresh = fresh or not value
  end
  local c, started = roll(kind, a, b, e, value, now)
  if started > top then top = started end
  if c[USED] + amounts[unit] > MAXIMUM then return 'o' end
  c[USED] = c[USED] + amounts[unit]
  counters[i] = c
  parts[i] = { unit = unit, shared = shared, start = c[START], name = name }
end
local assignment = stored[1] or '0'
if top < from or top >= till or string.match(assignment, '^%d+') ~= ARGV[1] then
  return struct.pack('<c1dI4c0', 's', top, #assignment, assignment)
end

local h = { state = 'k', seal = struct.pack('>I6c8', now, ARGV[3]), expires = now, ttl = 0, input = 0, output = 0, cost = cost < 0 and -1 or 0,
  bookedInput = input, bookedOutput = output, bookedCost = cost, requests = requests, flags = flags, fingerprint = ARGV[4],
  settlement = '', answer = '', tier = ARGV[5], parts = parts }
redis.call('SET', KEYS[2], format(h), 'PX', string.format('%.0f', retention))
for i, p in ipairs(parts) do
  if p.shared then share(p.name, counters[i]) else pairs[#pairs + 1], pairs[#pairs + 2] = p.name, dump(counters[i]) end
end
write(KEYS[1], pairs, fresh, now)
return report('k', 0, now, h, counters, stored[1] or '')
