-- prelude: the counters of a plan as they are now, rolled into the present window, with an amount added to each.
-- ARGV 5 defines them one after the other: kind B, a I6, room d, amount d, b I6, kinds 1 and 3 also e d, f d:
--   0 calendar: a, b = the window planned for; also what never ends
--   1 rolling: a = length, e, f = the starts that the plan holds for; the window begins with the first hold or record
--   2 lifetime: a = ms to live after the last use
--   3 refill: a = period in steps, b = step in ms, e = limit that drains
-- kind + 128: shared, its key is the next of KEYS 4..; the others' fields are ARGV 8.. in order.
-- room: how far used + held may go; amount: what is added, -1 for a counter that is only shown.

-- top: the time below which no plan may lie (a window seen once never comes back); fitting: whether rolling windows began when
-- the plan thought; starts: when the rolling windows taken from began, I6 each.
local stored, top, fitting, starts = nil, now, true, ''

-- A counter of another kind than calendar: start, finish, used, held, carry, and whether its window is still to begin.
local function roll(kind, a, b, e, f, value)
  if kind == 3 then
    -- Steps are those of the clock, so that an empty counter that was dropped comes back in step.
    if not value then return now - now % b, 0, 0, 0, 0 end
    local start, used, held, carry = drained(value)
    return start, 0, used, held, carry
  end
  local start, finish, used, held, idle = now, math.min(now + a, NEVER), 0, 0, true
  if value then
    if #value ~= 28 then error('CORRUPT a counter has ' .. #value .. ' bytes') end
    local began, ends, u, h = peel('<I6I6dd', value)
    if now < ends or (kind == 2 and h > 0) then start, finish, used, held, idle = began, ends, u, h, false end
  end
  if kind == 2 then return 0, now + a, used, held, 0 end
  if start < e or start >= f then fitting = false end
  return start, finish, used, held, 0, idle
end

-- Adds the amounts (nil: those of the definitions) to what is held, or with `book` to what is used, of each counter.
-- Lays out the new values, answer[i + 1] for counter i; returns whether all had room.
local function take(count, amounts, book)
  local definitions, at, own, shared, fits = argv[5], 1, 0, 3, true
  n, m, starts = 0, 0, ''
  for i = 1, count do
    local kind, start, finish, room, amount, value, e, f
    kind, start, room, amount, finish, at = peel('<BI6ddI6', definitions, at)
    local mine = kind < 128
    if mine then
      own = own + 1
      value = stored[own + 2]
    else
      shared, kind = shared + 1, kind - 128
      value = call('GET', keys[shared])
    end
    local a, b, used, held, carry, idle = start, finish, 0, 0, 0, false
    if kind > 0 then
      if kind ~= 2 then e, f, at = peel('<dd', definitions, at) end
      start, finish, used, held, carry, idle = roll(kind, a, b, e, f, value)
    elseif value then
      if #value ~= 28 then error('CORRUPT a counter has ' .. #value .. ' bytes') end
      local began, ends, u, h = peel('<I6I6dd', value)
      if began >= a then start, finish, used, held = began, ends, u, h end
      if began > top then top = began end
    end

    if amounts then amount = amounts[i] or -1 end
    if amount > 0 then
      if amount > room - used - held then fits = false end
      if book then used = used + amount else held = held + amount end
    end
    local new
    if kind == 3 then
      new = refill(start, used, held, carry, e, a, b)
    elseif idle and amount < 0 then
      new = pack('<I6I6dd', 0, 0, 0, 0)
    else
      new = pack('<I6I6dd', start, finish, used, held)
    end
    answer[i + 1] = new
    if amount >= 0 then
      if kind == 1 then starts = starts .. pack('<I6', start) end
      if mine then
        pairs[n + 1], pairs[n + 2], n, fresh = argv[7 + own], new, n + 2, fresh or not value
      else
        commons[m + 1], commons[m + 2], m = keys[shared], new, m + 2
        if not value then fresh = 2 end
      end
    end
  end
  return fits
end
