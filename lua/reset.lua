#!lua flags=allow-oom
-- reset: set what a user has used of some counters to nothing; what is held stays held.
-- KEYS 1 user hash, 2 stream
-- ARGV 1 who, why and which counters, for the ledger, 2.. fields of the user's own counters
-- returns '<I6', the store's time, then for each field 'd' what was used of it: -1 for one that is gone
local stored = call('HMGET', keys[1], unpack(argv, 2))
local used, told, any = {}, {}, false
for i = 1, #argv - 1 do
  local value = stored[i]
  any = any or value
  if not value then
    used[i] = pack('<d', -1)
    told[i] = pack('<I6d', 0, -1)
  elseif #value == 60 then
    local start, before, held, _, limit, period, step = drained(value)
    used[i] = pack('<d', before)
    told[i] = pack('<I6d', 0, before)
    pairs[n + 1], pairs[n + 2], n = argv[i + 1], refill(start, 0, held, 0, limit, period, step), n + 2
  elseif #value == 28 then
    local start, finish, before, held = peel('<I6I6dd', value)
    used[i] = pack('<d', before)
    told[i] = pack('<I6d', start, before)
    pairs[n + 1], pairs[n + 2], n = argv[i + 1], pack('<I6I6dd', start, finish, 0, held), n + 2
  else
    error('CORRUPT a counter has ' .. #value .. ' bytes')
  end
end
-- All is checked: from here on it is written.
if any then call('XADD', keys[2], '*', 'e', pack('<c1I6I4c0', 'z', now, #argv[1], argv[1]) .. table.concat(told)) end
write(keys[1])
return pack('<I6', now) .. table.concat(used)
