-- prelude: a counter as it rests in Redis, and how it passes from window to window.
-- At rest: start I6, finish I6, used d, held d, carry d; a refill counter adds limit d, period d (in steps), step d (in ms).
-- carry is what drained of the next whole unit, in 1/period. finish: from then on nothing of the window counts any more.
local NEVER = 281474976710655
local MAXIMUM = 9007199254740991
local START, FINISH, USED, HELD, CARRY, LIMIT, PERIOD, STEP = 1, 2, 3, 4, 5, 6, 7, 8
local CALENDAR, ROLLING, LIFETIME, REFILL = 0, 1, 2, 3

local function load(value)
  if #value == 36 then return { struct.unpack('<I6I6ddd', value) } end
  if #value == 60 then return { struct.unpack('<I6I6dddddd', value) } end
  error('CORRUPT a counter has ' .. #value .. ' bytes')
end

-- Takes out what drained since c[START]: exact, for period * period < 2^53 (see RefillRate).
local function drain(c, now)
  local limit, period = c[LIMIT], c[PERIOD]
  local steps = math.floor((now - c[START]) / c[STEP])
  if steps <= 0 then return end
  c[START] = c[START] + steps * c[STEP]
  local whole = math.floor(steps / period)
  local rest = steps - whole * period
  local share = math.floor(limit / period)
  local part = rest * (limit - share * period) + c[CARRY]
  local gone = whole * limit + rest * share + math.floor(part / period)
  if gone >= c[USED] then
    c[USED], c[CARRY] = 0, 0
  else
    c[USED], c[CARRY] = c[USED] - gone, part % period
  end
end

local function dump(c)
  if not c[STEP] then return struct.pack('<I6I6ddd', c[1], c[2], c[3], c[4], c[5]) end
  local empty = c[LIMIT] > 0 and c[START] + math.ceil((c[USED] + c[HELD]) / c[LIMIT] * c[PERIOD] + 1) * c[STEP] or NEVER
  c[FINISH] = math.min(empty, NEVER)
  return struct.pack('<I6I6dddddd', c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8])
end

-- Late commits reach back 24 h, so a counter is kept 25 h past its window.
local KEPT = 90000000

-- Writes a shared counter. While anything of it is held it never goes by itself.
local function share(key, c)
  local value = dump(c)
  if c[HELD] > 0 or c[FINISH] + KEPT >= NEVER then
    redis.call('SET', key, value)
  else
    redis.call('SET', key, value, 'PXAT', string.format('%.0f', c[FINISH] + KEPT))
  end
end
