-- prelude: which output of which rung fits its counters. The script that uses it fills these in.
local input, counters, units, levels = 0, {}, {}, {}

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
  return amount > 0 and amount > levels[i][bound] - counters[i][USED] - counters[i][HELD]
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
