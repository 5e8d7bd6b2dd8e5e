#!lua flags=allow-oom
-- confirm: entries of a stream that the ledger has booked for good: acknowledged, and all before the first that is not are dropped.
-- KEYS 1 stream
-- ARGV 1 consumer group, 2.. ids of entries in ascending order
-- returns '<I6' how many entries were dropped
redis.call('XACK', KEYS[1], ARGV[1], unpack(ARGV, 2))
local pending = redis.call('XPENDING', KEYS[1], ARGV[1])
-- Whatever was delivered is either pending or confirmed; what was not delivered yet comes after all of it.
local first = pending[2]
if not first then
  local milliseconds, number = string.match(ARGV[#ARGV], '^(%d+)-(%d+)$')
  first = milliseconds .. '-' .. string.format('%.0f', tonumber(number) + 1)
end
return struct.pack('<I6', redis.call('XTRIM', KEYS[1], 'MINID', first))
