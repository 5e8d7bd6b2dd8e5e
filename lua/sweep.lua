#!lua flags=allow-oom
-- sweep: end holds whose time is over, so that they are free within a second even if nobody ever asks again.
-- KEYS 1 expiry index of a partition. A member is USER:NONCE; the keys it leads to lie in the same partition.
-- ARGV 1 most holds to end in one go
-- returns '<dI4': the store's time, and how many were ended
local now = clock()
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, tonumber(ARGV[1]))
local partition = string.sub(KEYS[1], 1, -2)
local function finish(member)
  local key = partition .. 'r:' .. member
  local record = redis.call('GET', key)
  local h = record and parse(record)
  if h and h.state == 'o' then
    local user = partition .. 'u:' .. string.match(member, '^[^:]*')
    local before = { held = held(h), booked = booked(h) }
    h.state = 'e'
    move(user, h, touch(user, h, now), before, { held = held(h), booked = before.booked })
    redis.call('SET', key, format(h), 'PX', ENDED_FOR)
  end
  redis.call('ZREM', KEYS[1], member)
end
for _, member in ipairs(due) do
  -- One user's unreadable data must not keep others' holds: it is looked at again in a minute.
  if not pcall(finish, member) then redis.call('ZADD', KEYS[1], string.format('%.0f', now + 60000), member) end
end
return struct.pack('<dI4', now, #due)
