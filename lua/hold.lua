-- prelude: a reservation's record, and what moves its counters from one state to the next.
-- At rest: seal c14, expires I6, held input, output, cost d (cost -1: unpriced), length of origin I4, origin; then ttl I4, rung B,
--   reason B, lengths of fingerprint B, note H, starts H, these three (starts, note, fingerprint), and the answer in what is left.
-- Once it has ended or anything is booked its settlement stands before all this: state c1 (o open, as without it, c committed,
--   r released, e expired, k recorded), time of writing I6, booked input, output, cost d, booked requests B, flags B (1 late,
--   2 over hold, 4 estimated, 8 unpriced, 16 usage mismatch), settlement Bc0, and of a checkpoint what it said Hc0. (A seal begins
--   with the highest byte of a time, so it is no letter.)
-- An origin, as the service wrote it: plain B (1: no part is rolling or a refill), count B, how many are the user's own B; of each
--   part its unit B, then of each its window's start I6, then Hc0 the fields of the user's own and after these the keys of the
--   others. unit + 128: shared, + 64: rolling, its start the number of one in starts (I6 each), + 32: refill. Then the tier Hc0.
local SETTLEMENT, ENDED_FOR = '<c1I6dddBBBc0Hc0', '86400000' -- expired and released reservations are remembered for 24 h

local function parse(record)
  local h = { state = 'o', bookedInput = 0, bookedOutput = 0, requests = 0, flags = 0, settlement = false, said = '' }
  if string.byte(record) >= 97 then
    local _, at
    h.state, _, h.bookedInput, h.bookedOutput, h.bookedCost, h.requests, h.flags, h.settlement, h.said, at = peel(SETTLEMENT, record)
    record = string.sub(record, at)
  end
  local origin, at
  h.rest = record
  h.seal, h.expires, h.input, h.output, h.cost, origin, at = peel('<c14I6dddI4', record)
  local ttl, _, _, fingerprint, note, starts, behind = peel('<I4BBBHH', record, at + origin)
  h.ttl, h.starts = ttl, behind
  h.fingerprint = string.sub(record, behind + starts + note, behind + starts + note + fingerprint - 1)
  h.bookedCost = h.bookedCost or h.cost < 0 and -1 or 0
  return h
end

local function format(h)
  local rest = string.sub(h.rest, 1, 14) .. pack('<I6', h.expires) .. string.sub(h.rest, 21)
  if h.state == 'o' and not h.settlement then return rest end
  local settlement = h.settlement or ''
  return pack(SETTLEMENT, h.state, now, h.bookedInput, h.bookedOutput, h.bookedCost, h.requests, h.flags, #settlement, settlement,
    #h.said, h.said) .. rest
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
  local _, count, own = peel('BBB', h.rest, 49)
  local layout = '<' .. string.rep('B', count) .. string.rep('I6', count) .. string.rep('Hc0', count)
  local parts, over, mine, common = { peel(layout, h.rest, 52) }, false, 0, own
  local stored = call('HMGET', user, 'a', unpack(parts, 2 * count + 1, 2 * count + own))
  n, m, h.count, strays = 0, 0, count, ''
  answer[2] = stored[1] or ''
  for i = 1, count do
    local unit, start, place, value = parts[i], parts[count + i], nil, nil
    local shared, rolls, drains, moves = unit >= 128, unit % 128 >= 64, unit % 64 >= 32, false
    unit = unit % 32
    if shared then
      common = common + 1
      place = parts[2 * count + common]
      value = call('GET', place)
    else
      mine = mine + 1
      place, value = parts[2 * count + mine], stored[mine + 1]
    end
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
        if rolls then start = peel('<I6', h.rest, h.starts + 6 * start) end
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
