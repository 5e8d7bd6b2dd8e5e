-- prelude: what to hold when a plain allow does not fit: which output of which rung, up to which bound, and why.
-- ARGV 6 is the ladder: attempts Bc0 (rung B, bound B)*, counters (unit B, soft d, limit d, overdraft d, grace d)*,
--   rungs (minimum d, maximum d, cost at the maximum or -1 d, its line a d, b d, c d, d d, counters Bc0, origin B)*

-- Returns index, bound, output, cost, reason, cause, origin of what fits, and the amounts to take; or the refusal.
-- reason: 0 none, 1 soft_limit, 2 output_shortened, 3 overdraft, 4 protected_hours, 5 limit; cause: the first counter concerned.
local function choose(count, rungCount, input, asked)
  local ladder, units, levels, rungs, free = argv[6], {}, {}, {}, {}
  local attempts, at = peel('Bc0', ladder)
  for i = 1, count do
    local soft, limit, overdraft, grace
    units[i], soft, limit, overdraft, grace, at = peel('<Bdddd', ladder, at)
    levels[i] = { soft, limit, overdraft, grace }
    local _, _, used, held = peel('<I6I6dd', answer[i + 1])
    free[i] = used + held
  end
  for i = 1, rungCount do
    local minimum, maximum, dearest, a, b, c, d, list, origin
    minimum, maximum, dearest, a, b, c, d, list, origin, at = peel('<dddddddBc0B', ladder, at)
    rungs[i] = { min = minimum, max = maximum, dearest = dearest, a = a, b = b, c = c, d = d, list = list, origin = origin }
  end

  -- Microcents of an output: ceil((fixed + output * rate) / 1e7), split so that no product passes 2^53.
  local function cost(rung, output)
    if rung.dearest < 0 then return -1 end
    if output == rung.max then return rung.dearest end
    local high = math.floor(output / 1e7)
    return rung.a + output * rung.c + high * rung.d + math.ceil((rung.b + (output - high * 1e7) * rung.d) / 1e7)
  end
  local function need(unit, rung, output)
    if unit == 1 then return input + output elseif unit == 2 then return input elseif unit == 3 then return output
    elseif unit == 4 then return math.max(cost(rung, output), 0) else return 1 end
  end
  local function refuses(i, rung, output, bound)
    local amount = need(units[i], rung, output)
    return amount > 0 and amount > levels[i][bound] - free[i]
  end
  -- The first of a rung's counters that does not take `output`.
  local function refusing(rung, output, bound)
    for k = 1, #rung.list do
      local i = string.byte(rung.list, k)
      if refuses(i, rung, output, bound) then return i end
    end
  end
  local function fit(rung, bound)
    local low, high = rung.min, rung.max
    if not refusing(rung, high, bound) then return high end
    if low == high or refusing(rung, low, bound) then return nil end
    while high - low > 1 do -- low fits, high does not
      local middle = low + math.floor((high - low) / 2)
      if refusing(rung, middle, bound) then high = middle else low = middle end
    end
    return low
  end
  local function refusal(rung, index, bound)
    local list, tooLarge = {}, 0
    for k = 1, #rung.list do
      local i = string.byte(rung.list, k)
      if refuses(i, rung, rung.min, bound) then
        list[#list + 1] = string.char(i)
        if need(units[i], rung, rung.min) > levels[i][bound] then tooLarge = 1 end
      end
    end
    local refused = table.concat(list)
    return pack('<c1I6BBBBc0', 'j', now, index, bound, tooLarge, #refused, refused)
  end
  local function why(rung, index, bound, output)
    if not asked then return 5, 0 end
    if index > 1 then
      return refusing(rungs[1], rungs[1].min, 2) and 5 or 1, refusing(rungs[1], rungs[1].min, 1) or 0
    end
    if bound >= 3 then return bound, refusing(rung, output, bound - 1) or 0 end
    if output < rung.max then return 2, refusing(rung, rung.max, bound) or 0 end
    local cause = refusing(rung, output, 1) or 0
    return cause > 0 and 1 or 0, cause
  end

  local index, bound, rung, output
  for k = 1, #attempts, 2 do
    index, bound = string.byte(attempts, k, k + 1)
    rung = rungs[index]
    output = fit(rung, bound)
    if output then break end
  end
  if not output then return nil, refusal(rung, index, bound) end
  local amounts = {}
  for k = 1, #rung.list do
    local i = string.byte(rung.list, k)
    amounts[i] = need(units[i], rung, output)
  end
  local reason, cause = why(rung, index, bound, output)
  return index, bound, output, cost(rung, output), reason, cause, rung.origin, amounts
end
