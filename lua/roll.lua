-- prelude: a counter as a plan meets it now. A definition is '<BBdddddddd': unit, kind, a, b, soft, limit, overdraft, grace, e, f.
-- calendar: a, b = the window planned for; rolling: a = length, e, f = the starts the levels hold for;
-- lifetime: a = ms to live after the last use, 0 for ever; refill: a = period, b = step, e = limit that drains.
-- A rolling window begins with a hold or a record: until then its counter is marked new.
-- Returns the counter, and the time below which no plan may lie: a window that was seen once never comes back.
local function roll(kind, a, b, e, value, now)
  local c = value and load(value)
  if kind == CALENDAR then
    if not c or c[START] < a then return { a, b, 0, 0, 0 }, 0 end
    return c, c[START]
  elseif kind == ROLLING then
    if not c or now >= c[FINISH] then c = { now, math.min(now + a, NEVER), 0, 0, 0, new = true } end
  elseif kind == LIFETIME then
    if not c or (now >= c[FINISH] and c[HELD] == 0) then c = { 0, 0, 0, 0, 0 } end
    c[FINISH] = a > 0 and now + a or NEVER
  else
    -- Steps are those of the clock, so that an empty counter that was dropped comes back in step.
    if not c then c = { now - now % b, 0, 0, 0, 0, e, a, b } end
    drain(c, now)
    c[LIMIT] = e
  end
  return c, 0
end
