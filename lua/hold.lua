-- prelude: a reservation's record, and what moves its counters from one state to the next.
-- At rest: seal c14, expires I6, ttl I4, held input, output, cost d (cost -1: unpriced), rung B, reason B, lengths of fingerprint B,
--   answer H, note H, starts H, origin I4, then these: origin, starts, note, fingerprint, answer;
--   and once it has ended or anything is booked: state c1 (o open, as without all this, c committed, r released, e expired,
--   k recorded), booked input, output, cost d, booked requests B, flags B (1 late, 2 over hold, 4 estimated, 8 unpriced,
--   16 usage mismatch), settlement Bc0, and of a checkpoint what it said Hc0.
-- An origin, as the service wrote it: plain B (1: no part is rolling or a refill), count B, and how to unpack what follows, Hc0: of
--   each part its unit B, then of each its window's start I6, then of each its field or key Hc0. unit + 128: shared, + 64: rolling,
--   its start the number of one in starts (I6 each), + 32: refill. Then the tier Hc0.
local HEAD, TAIL = '<c14I6I4dddBBBHHHI4', '<c1dddBBBc0Hc0'
local ENDED_FOR = '86400000' -- expired and released reservations are remembered for 24 h

local function parse(record)
  local seal, expires, ttl, input, output, cost, rung, reason, fingerprint, answer, note, starts, origin = peel(HEAD, record)
  local at = 62 + origin + starts + note
  local h = { state = 'o', seal = seal, expires = expires, ttl = ttl, input = input, output = output, cost = cost,
    body = string.sub(record, 49, at + fingerprint + answer - 1), fingerprint = string.sub(record, at, at + fingerprint - 1),
    starts = 14 + origin, count = 0, bookedInput = 0, bookedOutput = 0, bookedCost = cost < 0 and -1 or 0, requests = 0, flags = 0,
    settlement = false, said = '' }
  at = at + fingerprint + answer
  if at <= #record then
    h.state, h.bookedInput, h.bookedOutput, h.bookedCost, h.requests, h.flags, h.settlement, h.said = peel(TAIL, record, at)
  end
  return h
end

local function format(h)
  local open = pack('<c14I6I4dddc0', h.seal, h.expires, h.ttl, h.input, h.output, h.cost, h.body)
  if h.state == 'o' and not h.settlement then return open end
  local settlement = h.settlement or ''
  return open .. pack(TAIL, h.state, h.bookedInput, h.bookedOutput, h.bookedCost, h.requests, h.flags, #settlement, settlement,
    #h.said, h.said)
end

-- Per unit: tokens, input, output, cost, requests, in flight.
local function amounts(input, output, cost, requests, calls)
  return { input + output, input, output, cost > 0 and cost or 0, requests, calls }
end
local function booked(h)
  if not h.settlement then return { 0, 0, 0, 0, 0, 0 } end
  return amounts(h.bookedInput, h.bookedOutput, h.bookedCost, h.requests, 0)
end

-- Which counters moved by another amount than was booked, number H and amount d each: those whose window is over not at all, and
-- one that was reset by no more than it had left to give back.
local strays = ''

-- Reads a reservation's counters into `answer` from 4 on, and the user's assignment into answer[2]. Given what it took, what was
-- and is booked, and whether it held and still holds the rest of what it took, lays out the change of its counters.
-- A counter whose window is over is left as it is. Returns false when a sum is too large, else true and whether more was booked
-- than taken.
local function settle(user, h, took, was, is, held, holds)
  local _, count, layout, at = peel('<BBHc0', h.body, 14)
  local parts, over = { peel(layout, h.body, at) }, false
  -- A shared counter's key is no field of the user's: asking for it keeps values and parts in step.
  local stored = call('HMGET', user, 'a', unpack(parts, 2 * count + 1, 3 * count))
  n, m, h.count, strays = 0, 0, count, ''
  answer[2] = stored[1] or ''
  for i = 1, count do
    local unit, start, place, value = parts[i], parts[count + i], parts[2 * count + i], stored[i + 1]
    local shared, rolls, drains, moves = unit >= 128, unit % 128 >= 64, unit % 64 >= 32, false
    unit = unit % 32
    if shared then value = call('GET', place) end
    if took then over = over or is[unit] > took[unit] end
    local moved = took and is[unit] - was[unit]
    if not value then
      value = string.rep('\0', drains and 60 or 28)
    elseif took or drains then
      local began, finish, used, hold, carry, rate, period, step
      if drains then
        began, used, hold, carry, rate, period, step = drained(value)
      else
        if #value ~= 28 then error('CORRUPT a counter has ' .. #value .. ' bytes') end
        began, finish, used, hold = peel('<I6I6dd', value)
        if rolls then start = peel('<I6', h.body, h.starts + 6 * start) end
      end
      moves = took and (drains or began == start)
      if moves then
        used = used + moved
        if used > 9007199254740991 then return false end
        if used < 0 and not drains then strays = strays .. pack('<Hd', i, moved - used) end
        if used <= 0 then used, carry = 0, 0 end -- what was given back has drained nothing
        if held and took[unit] > was[unit] then hold = hold - took[unit] + was[unit] end
        if holds and took[unit] > is[unit] then hold = hold + took[unit] - is[unit] end
        if hold < 0 then hold = 0 end
      end
      value = drains and refill(began, used, hold, carry, rate, period, step) or pack('<I6I6dd', began, finish, used, hold)
      if moves and shared then
        commons[m + 1], commons[m + 2], m = place, value, m + 2
      elseif moves then
        pairs[n + 1], pairs[n + 2], n = place, value, n + 2
      end
    end
    if took and not moves and moved ~= 0 then strays = strays .. pack('<Hd', i, 0) end
    answer[i + 3] = value
  end
  return true, over
end

-- The answer of every settling script: the record as it is now, the assignment, and the counters, all zeros for a missing one.
-- Given what checkpoints had booked before, if anything, it says so: replayed is 2 and the amounts follow the time.
local function report(replayed, h, record, was)
  if was and was[1] + was[4] > 0 then
    answer[1] = pack('<c1BI6dddI4I4', 'k', 2, now, was[2], was[3], was[4], #answer[2], #record)
  else
    answer[1] = pack('<c1BI6I4I4', 'k', replayed, now, #answer[2], #record)
  end
  answer[3] = record
  return table.concat(answer, '', 1, h.count + 3)
end
