-- prelude: a counter as it rests in Redis, and the writing of counters.
-- At rest: start I6, finish I6, used d, held d; a refill counter adds carry d, limit d, period d (in steps), step d (in ms).
-- carry is what drained of the next whole unit, in 1/period. finish: from then on nothing of the window counts any more.
-- (Every closure, every name it uses from outside and every table costs a part of a microsecond at each call of a script: there
-- are few of them, and tables are made with room for the usual.)

-- A refill counter with what drained up to now taken out: exact, for period * period < 2^53 (see RefillRate).
local function drained(value)
  if #value ~= 60 then error('CORRUPT a refill counter has ' .. #value .. ' bytes') end
  local start, _, used, held, carry, limit, period, step = peel('<I6I6dddddd', value)
  local steps = math.floor((now - start) / step)
  if steps > 0 then
    start = start + steps * step
    local whole = math.floor(steps / period)
    local rest = steps - whole * period
    local share = math.floor(limit / period)
    local part = rest * (limit - share * period) + carry
    local gone = whole * limit + rest * share + math.floor(part / period)
    if gone >= used then used, carry = 0, 0 else used, carry = used - gone, part % period end
  end
  return start, used, held, carry, limit, period, step
end

-- The reverse. Its finish: when all of it has drained, should nothing more be taken.
local function refill(start, used, held, carry, limit, period, step)
  local finish = limit > 0 and start + math.ceil((used + held) / limit * period + 1) * step or NEVER
  return pack('<I6I6dddddd', start, math.min(finish, NEVER), used, held, carry, limit, period, step)
end

-- What a script has laid out, so that nothing is written before all is checked: n words of `pairs` for the user's hash, and m of
-- `commons` for shared counters. fresh: true if a field is new, 2 if a shared counter is. And its answer, put together at the end.
local n, m, fresh, pairs, commons = 0, 0, false, { false, false, false, false, false, false, false, false }, { false, false }
local answer = { false, false, false, false, false, false, false, false }

local function write(user)
  for i = 1, m, 2 do
    local _, finish, _, held = peel('<I6I6dd', commons[i + 1])
    -- A shared counter never goes by itself while anything of it is held.
    if held > 0 or finish + KEPT >= NEVER then
      call('SET', commons[i], commons[i + 1])
    else
      call('SET', commons[i], commons[i + 1], 'PXAT', finish + KEPT)
    end
  end
  if n > 0 then call('HSET', user, unpack(pairs, 1, n)) end
  if not fresh then return end
  -- pcall from here on: listing and tidying that are not permitted undo no decision.
  if fresh == 2 then
    -- The list of shared counters, at most 10,000, is for people to see them. Each new one meets a few of the old, and those that
    -- are gone leave it.
    local some = redis.pcall('SRANDMEMBER', 'tb:shared', 4)
    for i = 1, #some do
      if redis.pcall('EXISTS', some[i]) == 0 then redis.pcall('SREM', 'tb:shared', some[i]) end
    end
    local size = redis.pcall('SCARD', 'tb:shared')
    for i = 1, m, 2 do
      if type(size) == 'number' and size < 10000 then redis.pcall('SADD', 'tb:shared', commons[i]) end
    end
  end
  -- A few other fields are dropped if they are long over.
  local some = redis.pcall('HRANDFIELD', user, 16, 'WITHVALUES')
  for i = 1, #some, 2 do
    local value = some[i + 1]
    if #some[i] > 1 and (#value == 28 or #value == 60) then
      local _, finish, _, held = peel('<I6I6dd', value)
      if held == 0 and now >= finish + KEPT then redis.pcall('HDEL', user, some[i]) end
    end
  end
end
