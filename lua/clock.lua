-- prelude: the store's clock, in milliseconds. Only this clock decides; service nodes may be wrong by hours.
local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
