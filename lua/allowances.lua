-- allowances: counters that many users share, as they are now; those that are gone leave the list of them.
-- KEYS 1 the list
-- ARGV 1.. keys of shared counters
-- returns '<I6', the store's time, then for each key 'Bc0': its counter, of no length when it is gone
local found = {}
for i = 1, #ARGV do
  local value = redis.call('GET', ARGV[i])
  if not value then redis.call('SREM', KEYS[1], ARGV[i]) end
  found[i] = struct.pack('Bc0', value and #value or 0, value or '')
end
return struct.pack('<I6', now) .. table.concat(found)
