-- prelude: a reservation's record, and moving its counters from one state to the next.
-- At rest: state c1 (o open, c committed, r released, e expired, k recorded), seal c14, expires I6, ttl I6,
--   held input, output, cost d (cost -1: unpriced), booked input, output, cost d, booked requests B,
--   flags B (1 late, 2 over hold, 4 estimated, 8 unpriced, 16 usage mismatch), fingerprint Bc0, settlement Bc0, answer Hc0, tier Hc0,
--   count B, parts (unit + 128 if shared B, window start I6, field or key Hc0)*
local ENDED_FOR = '86400000' -- expired and released reservations are remembered for 24 h

local function parse(record)
  local h = { parts = {} }
  local count, at
  h.state, h.seal, h.expires, h.ttl, h.input, h.output, h.cost, h.bookedInput, h.bookedOutput, h.bookedCost, h.requests, h.flags,
    h.fingerprint, h.settlement, h.answer, h.tier, count, at = struct.unpack('<c1c14I6I6ddddddBBBc0Bc0Hc0Hc0B', record)
  for i = 1, count do
    local unit, start, name
    unit, start, name, at = struct.unpack('<BI6Hc0', record, at)
    h.parts[i] = { unit = unit % 128, shared = unit >= 128, start = start, name = name }
  end
  return h
end

local function format(h)
  local parts = {}
  for i, p in ipairs(h.parts) do
    parts[i] = struct.pack('<BI6Hc0', p.unit + (p.shared and 128 or 0), p.start, #p.name, p.name)
  end
  return struct.pack('<c1c14I6I6ddddddBBBc0Bc0Hc0Hc0B', h.state, h.seal, h.expires, h.ttl, h.input, h.output, h.cost,
    h.bookedInput, h.bookedOutput, h.bookedCost, h.requests, h.flags, #h.fingerprint, h.fingerprint,
    #h.settlement, h.settlement, #h.answer, h.answer, #h.tier, h.tier, #h.parts) .. table.concat(parts)
end

-- Per unit: what was taken at first, what is booked, what is still held.
local function taken(h) return { h.input + h.output, h.input, h.output, math.max(h.cost, 0), 1, 1 } end
local function booked(h)
  return { h.bookedInput + h.bookedOutput, h.bookedInput, h.bookedOutput, math.max(h.bookedCost, 0), h.requests, 0 }
end
local function held(h)
  if h.state ~= 'o' then return { 0, 0, 0, 0, 0, 0 } end
  local all, gone = taken(h), booked(h)
  for unit = 1, 6 do all[unit] = math.max(all[unit] - gone[unit], 0) end
  return all
end

-- The counters of a reservation as they are now; false where the window it was taken from is over.
local function touch(user, h, now)
  local fields, counters = { 'a' }, {}
  for _, p in ipairs(h.parts) do
    if not p.shared then fields[#fields + 1] = p.name end
  end
  local stored, place = redis.call('HMGET', user, unpack(fields)), 2
  for i, p in ipairs(h.parts) do
    local value
    if p.shared then value = redis.call('GET', p.name) else value, place = stored[place], place + 1 end
    local c = value and load(value)
    if c and c[STEP] then drain(c, now) end
    counters[i] = c or false
  end
  return counters, stored[1] or ''
end

-- Applies a change of holds and bookings to the counters; false, and nothing done, if a sum would pass 2^53 - 1.
local function move(user, h, counters, before, after)
  local pairs = {}
  for i, p in ipairs(h.parts) do
    local c = counters[i]
    if c and (c[STEP] or c[START] == p.start) then
      local used = c[USED] + after.booked[p.unit] - before.booked[p.unit]
      if used > MAXIMUM then return false end
      p.used, p.held = math.max(used, 0), math.max(c[HELD] + after.held[p.unit] - before.held[p.unit], 0)
    end
  end
  for i, p in ipairs(h.parts) do
    if p.used then
      local c = counters[i]
      c[USED], c[HELD], p.used = p.used, p.held, nil
      if c[USED] == 0 then c[CARRY] = 0 end -- what was given back has drained nothing
      if p.shared then share(p.name, c)
      else pairs[#pairs + 1], pairs[#pairs + 2] = p.name, dump(c) end
    end
  end
  if #pairs > 0 then redis.call('HSET', user, unpack(pairs)) end
  return true
end

-- The answer of every settling script: the record as it is now, the assignment, and the counters, '' for a missing one.
local function report(verdict, replayed, now, h, counters, assignment)
  local record, all = format(h), {}
  for i, c in ipairs(counters) do
    local value = c and dump(c) or ''
    all[i] = struct.pack('Bc0', #value, value)
  end
  return struct.pack('<c1BdI4c0I4c0', verdict, replayed, now, #assignment, assignment, #record, record) .. table.concat(all)
end
