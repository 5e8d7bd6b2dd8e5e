#!lua flags=allow-oom
-- sweep: end holds whose time is over, so that they are free within a second even if nobody ever asks again.
-- KEYS 1 expiry index of a partition, 2 its stream. A member is USER:NONCE; the keys it leads to lie in the same partition.
-- ARGV 1 most holds to end in one go
-- returns '<I6I4I4': the store's time, how many were due, and how many of them ended
local due = call('ZRANGEBYSCORE', keys[1], '-inf', now, 'LIMIT', 0, tonumber(argv[1]))
local partition = string.sub(keys[1], 1, -2)
local ended = 0
local function finish(member)
  local key = partition .. 'r:' .. member
  local record = call('GET', key)
  local h = record and parse(record)
  if h and h.state == 'o' then
    local user = partition .. 'u:' .. string.match(member, '^[^:]*')
    local was = booked(h)
    settle(user, h, amounts(h.input, h.output, h.cost, 1, 1), was, was, true, false)
    tell(keys[2], 'e', key, h, 0, '', record)
    h.state = 'e'
    call('SET', key, format(h), 'PX', ENDED_FOR)
    write(user)
    ended = ended + 1
  end
  call('ZREM', keys[1], member)
end
for _, member in ipairs(due) do
  -- One user's unreadable data must not keep others' holds: it is looked at again in a minute.
  if not pcall(finish, member) then call('ZADD', keys[1], now + 60000, member) end
end
return pack('<I6I4I4', now, #due, ended)
