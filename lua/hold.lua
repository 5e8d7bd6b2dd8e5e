-- prelude: a reservation's record, and moving its counters from one state to the next.
-- At rest: state c1 (o open, c committed, r released, e expired, k recorded), seal c14, expires I6, ttl I4,
--   held input, output, cost d (cost -1: unpriced), fingerprint Bc0, answer Hc0, origin I4c0,
--   the start I6 of each rolling window that it took from, and once anything is settled: booked input, output, cost d,
--   booked requests B, flags B (1 late, 2 over hold, 4 estimated, 8 unpriced, 16 usage mismatch), settlement Bc0.
-- An origin, as the service wrote it: tier Hc0, count B, parts (unit B, window start I6, field or key Hc0)*;
--   unit + 128: shared, + 64: rolling, its start the number of one above, + 32: refill.
local ENDED_FOR = 86400000 -- expired and released reservations are remembered for 24 h

local function parse(record)
  local state, seal, expires, ttl, input, output, cost, fingerprint, answer, origin, at = peel('<c1c14I6I4dddBc0Hc0I4c0', record)
  local units, starts, places = { 0, 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0, 0 }, { '', '', '', '', '', '' }
  local _, count, next = peel('<Hc0B', origin)
  local began = at
  for i = 1, count do
    local unit, start, place
    unit, start, place, next = peel('<BI6Hc0', origin, next)
    if unit % 128 >= 64 then start, at = peel('<I6', record, began + 6 * start), at + 6 end
    units[i], starts[i], places[i] = unit, start, place
  end
  local h = { state = state, seal = seal, expires = expires, ttl = ttl, input = input, output = output, cost = cost,
    fingerprint = fingerprint, answer = answer, origin = origin, began = string.sub(record, began, at - 1),
    count = count, units = units, starts = starts, places = places,
    bookedInput = 0, bookedOutput = 0, bookedCost = cost < 0 and -1 or 0, requests = 0, flags = 0, settlement = '' }
  if at <= #record then
    h.bookedInput, h.bookedOutput, h.bookedCost, h.requests, h.flags, h.settlement = peel('<dddBBBc0', record, at)
  end
  return h
end

local function format(h)
  return pack('<c1c14I6I4dddBc0Hc0I4c0', h.state, h.seal, h.expires, h.ttl, h.input, h.output, h.cost, #h.fingerprint, h.fingerprint,
    #h.answer, h.answer, #h.origin, h.origin) .. h.began .. pack('<dddBBBc0', h.bookedInput, h.bookedOutput, h.bookedCost, h.requests,
    h.flags, #h.settlement, h.settlement)
end

-- Per unit: tokens, input, output, cost, requests, in flight.
local function amounts(input, output, cost, requests, calls)
  return { input + output, input, output, cost > 0 and cost or 0, requests, calls }
end
local function taken(h) return amounts(h.input, h.output, h.cost, 1, 1) end
local function booked(h) return amounts(h.bookedInput, h.bookedOutput, h.bookedCost, h.requests, 0) end

-- Reads a reservation's counters into `answer` from 4 on, and the user's assignment into answer[2]. Given what it took, what was
-- and is booked, and whether it held and still holds the rest of what it took, lays out the change of its counters.
-- A counter whose window is over is left as it is. Returns false when a sum is too large.
local function settle(user, h, limit, was, is, held, holds)
  n, m = 0, 0
  local own, next = { 'a', false, false, false, false, false, false, false }, 1
  for i = 1, h.count do
    if h.units[i] < 128 then next = next + 1; own[next] = h.places[i] end
  end
  local stored = call('HMGET', user, unpack(own, 1, next))
  answer[2], next = stored[1] or '', 1
  for i = 1, h.count do
    local unit, place, value = h.units[i], h.places[i], nil
    local shared, drains = unit >= 128, unit % 64 >= 32
    if shared then value = call('GET', place) else next = next + 1; value = stored[next] end
    if not value then
      value = string.rep('\0', drains and 60 or 28)
    elseif was or drains then
      local start, finish, used, hold, carry, rate, period, step
      if drains then
        start, used, hold, carry, rate, period, step = drained(value)
      else
        if #value ~= 28 then error('CORRUPT a counter has ' .. #value .. ' bytes') end
        start, finish, used, hold = peel('<I6I6dd', value)
      end
      local moves = was and (drains or start == h.starts[i])
      if moves then
        unit = unit % 32
        used = used + is[unit] - was[unit]
        if used > 9007199254740991 then return false end
        if used <= 0 then used, carry = 0, 0 end -- what was given back has drained nothing
        if held and limit[unit] > was[unit] then hold = hold - limit[unit] + was[unit] end
        if holds and limit[unit] > is[unit] then hold = hold + limit[unit] - is[unit] end
        if hold < 0 then hold = 0 end
      end
      value = drains and refill(start, used, hold, carry, rate, period, step) or pack('<I6I6dd', start, finish, used, hold)
      if moves and shared then
        commons[m + 1], commons[m + 2], m = place, value, m + 2
      elseif moves then
        pairs[n + 1], pairs[n + 2], n = place, value, n + 2
      end
    end
    answer[i + 3] = value
  end
  return true
end

-- The answer of every settling script: the record as it is now, the assignment, and the counters, all zeros for a missing one.
local function report(replayed, h, record)
  answer[1] = pack('<c1BI6I4I4', 'k', replayed, now, #answer[2], #record)
  answer[3] = record
  return table.concat(answer, '', 1, h.count + 3)
end
