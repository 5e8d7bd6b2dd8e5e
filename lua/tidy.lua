-- prelude: writing a user's and shared counters, and dropping those whose time is long over.
-- Late commits reach back 24 h, so a counter is kept 25 h past its window.
local KEPT = 90000000

-- pairs: field, value, ... for HSET; fresh: a field is new, so look now and then whether old ones can go.
local function write(user, pairs, fresh, now)
  redis.call('HSET', user, unpack(pairs))
  if not fresh or redis.call('HLEN', user) % 64 ~= 0 then return end
  local all = redis.call('HGETALL', user)
  for i = 1, #all, 2 do
    local value = all[i + 1]
    if #all[i] > 1 and (#value == 36 or #value == 60) then
      local c = load(value)
      if c[HELD] == 0 and now >= c[FINISH] + KEPT then redis.call('HDEL', user, all[i]) end
    end
  end
end

local function share(key, c)
  if c[FINISH] + KEPT >= NEVER then
    redis.call('SET', key, dump(c))
  else
    local value = dump(c)
    redis.call('SET', key, value, 'PXAT', string.format('%.0f', c[FINISH] + KEPT))
  end
end
