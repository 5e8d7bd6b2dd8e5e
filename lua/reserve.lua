-- reserve: hold the first rung that fits all its counters, or say which of them refused. Also `check`, which holds nothing.
-- KEYS 1 user hash, 2 reservation, 3 expiry index of the partition, 4.. shared counters
-- ARGV 1 assignment revision assumed, 2 header '<ddddBBB' (ttl, valid from, till, input, mode, rungs, counters), 3 environment tag,
--      4 fingerprint ('' without idempotency key), 5 tier, 6 attempts (rung, bound)*, 7.. rungs, then (definition, field)* of counters
-- returns one string: 'h' held | 'j' rejected | 'f' frozen | 's' stale plan | 'd' due holds first | 'p' replay | 'm' another request
local ttl, from, till, mode, rungCount, count
ttl, from, till, input, mode, rungCount, count = struct.unpack('<ddddBBB', ARGV[2])
local dry, frozen, asked, swept = mode % 2 == 1, mode % 4 >= 2, mode % 8 >= 4, mode >= 8
local now = clock()
if ARGV[4] ~= '' and not dry then
  local record = redis.call('GET', KEYS[2])
  if record then return struct.unpack('Bc0', record, 78) == ARGV[4] and 'p' or 'm' end
end

-- Read every counter, rolled into the present window.
local base, fields = 6 + rungCount, { 'a', 't' }
for i = 1, count do
  local field = ARGV[base + 2 * i]
  if field ~= '' then fields[#fields + 1] = field end
end
local stored = redis.call('HMGET', KEYS[1], unpack(fields))
local places, top, nextField, nextKey, fresh, fitting = {}, now, 3, 4, false, true
for i = 1, count do
  local unit, kind, a, b, soft, limit, overdraft, grace, e, f = struct.unpack('<BBdddddddd', ARGV[base + 2 * i - 1])
  local value, place
  if ARGV[base + 2 * i] ~= '' then
    value, place, nextField = stored[nextField], nextField, nextField + 1
    fresh = fresh or not value
  else
    value, place, nextKey = redis.call('GET', KEYS[nextKey]), -nextKey, nextKey + 1
  end
  local c, started = roll(kind, a, b, e, value, now)
  if started > top then top = started end
  if kind == ROLLING and (c[START] < e or c[START] >= f) then fitting = false end
  counters[i], units[i], places[i], levels[i] = c, unit, place, { soft, limit, overdraft, grace }
end
local function states()
  local all = {}
  for i = 1, count do
    local value = dump(counters[i].new and { 0, 0, 0, 0, 0 } or counters[i])
    all[i] = struct.pack('Bc0', #value, value)
  end
  return table.concat(all)
end
local assignment = stored[1] or '0'
if not fitting or top < from or top >= till or string.match(assignment, '^%d+') ~= ARGV[1] then
  return struct.pack('<c1dI4c0', 's', top, #assignment, assignment) .. states()
end
if frozen then return struct.pack('<c1d', 'f', now) .. states() end

-- Find the largest output that fits, attempt by attempt.
local rungs = {}
for i = 1, rungCount do
  local minimum, maximum, dearest, a, b, c, d, list, ticket = struct.unpack('<dddddddBc0Hc0', ARGV[6 + i])
  rungs[i] = { min = minimum, max = maximum, dearest = dearest, a = a, b = b, c = c, d = d, list = list, ticket = ticket }
end
local rung, bound, output, index
for k = 1, #ARGV[6], 2 do
  index, bound = string.byte(ARGV[6], k, k + 1)
  rung = rungs[index]
  output = fit(rung, bound)
  if k == 1 and output ~= rung.max and not swept
    and #redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', now), 'LIMIT', 0, 1) > 0 then return 'd' end
  if output then break end
end
if not output then
  local list, tooLarge = {}, 0
  for k = 1, #rung.list do
    local i = string.byte(rung.list, k)
    if refuses(i, rung, rung.min, bound) then
      list[#list + 1] = string.char(i)
      if need(units[i], rung, rung.min) > levels[i][bound] then tooLarge = 1 end
    end
  end
  local refused = table.concat(list)
  return struct.pack('<c1dBBBBc0', 'j', now, index, bound, tooLarge, #refused, refused) .. states()
end

-- Say why, if there is anything to say: 1 soft_limit, 2 output_shortened, 3 overdraft, 4 protected_hours, 5 limit.
local reason, cause = 0, 0
if not asked then
  reason = 5
elseif index > 1 then
  cause = refusing(rungs[1], rungs[1].min, 1) or 0
  reason = refusing(rungs[1], rungs[1].min, 2) and 5 or 1
elseif bound >= 3 then
  reason, cause = bound, refusing(rung, output, bound - 1) or 0
elseif output < rung.max then
  reason, cause = 2, refusing(rung, rung.max, bound) or 0
else
  cause = refusing(rung, output, 1) or 0
  reason = cause > 0 and 1 or 0
end

-- Hold. Whatever could fail on a foreign value has been read above, or comes first.
local price, expires = cost(rung, output), now + ttl
if not dry then
  local parts, pairs, shared = {}, {}, {}
  for k = 1, #rung.list do
    local i = string.byte(rung.list, k)
    local c, place = counters[i], places[i]
    c[HELD], c.new = c[HELD] + need(units[i], rung, output), nil
    local name, flag = place > 0 and fields[place] or KEYS[-place], place > 0 and 0 or 128
    parts[k] = struct.pack('<BI6Hc0', units[i] + flag, c[START], #name, name)
    if place > 0 then pairs[#pairs + 1], pairs[#pairs + 2] = name, dump(c) else shared[#shared + 1] = i end
  end
  if stored[2] ~= ARGV[5] then pairs[#pairs + 1], pairs[#pairs + 2] = 't', ARGV[5] end
  redis.call('ZADD', KEYS[3], string.format('%.0f', expires), string.sub(KEYS[2], #KEYS[3] + 2))
  local name = cause > 0 and (places[cause] > 0 and fields[places[cause]] or KEYS[-places[cause]]) or ''
  local answer = ARGV[4] == '' and '' or struct.pack('<BBHc0Hc0', index, reason, #name, name, #rung.ticket, rung.ticket)
  redis.call('SET', KEYS[2], struct.pack('<c1>I6<c8I6I6ddddddBBBc0Bc0Hc0Hc0B', 'o', now, ARGV[3], expires, ttl, input, output, price,
    0, 0, price < 0 and -1 or 0, 0, 0, #ARGV[4], ARGV[4], 0, '', #answer, answer, #ARGV[5], ARGV[5], #parts) .. table.concat(parts))
  for k = 1, #shared do share(KEYS[-places[shared[k]]], counters[shared[k]]) end
  if #pairs > 0 then write(KEYS[1], pairs, fresh, now) end
end
return struct.pack('<c1dddd', 'h', now, expires, output, price) .. string.char(index, bound, reason, cause) .. states()
