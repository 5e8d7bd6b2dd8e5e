-- prelude: writing a user's counters, and dropping those whose time is long over.

-- pairs: field, value, ... for HSET; fresh: a field is new, so a few others are looked at and dropped if they are long over.
local function write(user, pairs, fresh, now)
  redis.call('HSET', user, unpack(pairs))
  if not fresh then return end
  -- pcall: tidying that is not permitted must not undo what has been decided.
  local some = redis.pcall('HRANDFIELD', user, 16, 'WITHVALUES')
  for i = 1, #some, 2 do
    local value = some[i + 1]
    if #some[i] > 1 and (#value == 36 or #value == 60) then
      local c = load(value)
      if c[HELD] == 0 and now >= c[FINISH] + KEPT then redis.call('HDEL', user, some[i]) end
    end
  end
end
