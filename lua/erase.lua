#!lua flags=allow-oom
-- erase: remove some of a user's reservations, then the user; what open ones hold of shared counters is given back first. Nothing
-- goes that the ledger could not be told of: where its stream takes nothing, the script fails before it has removed the one in hand,
-- and all that was removed before has been told.
-- KEYS 1 user hash, 2 expiry index of the partition, 3 its stream
-- ARGV 1 the user's id: to remove the user's hash as well, and to tell the ledger; '' not yet, 2.. members of the index,
--      USER:NONCE: reservations and records of that name
-- returns '<I4I4I4': how many counters, reservations and open holds were removed
local stream = call('TYPE', keys[3]).ok
if stream ~= 'stream' and stream ~= 'none' then error('WRONGTYPE the stream of the ledger is a ' .. stream) end
local prefix = string.sub(keys[2], 1, -2) .. 'r:'
local reservations, holds = 0, 0
local function ending(record)
  local h = parse(record)
  if h.state ~= 'o' then return nil end
  local was = booked(h)
  settle(keys[1], h, amounts(h.input, h.output, h.cost, 1, 1), was, was, true, false)
  return h
end
for i = 2, #argv do
  local key = prefix .. argv[i]
  local record = redis.pcall('GET', key)
  -- What cannot be read holds nothing that could be given back; it goes all the same.
  local readable, h = false, nil
  if type(record) == 'string' then readable, h = pcall(ending, record) end
  if readable and h then
    tell(keys[3], 'r', key, h, 0, '', record)
    write(keys[1])
    holds = holds + 1
  end
  reservations = reservations + call('DEL', key)
  call('ZREM', keys[2], argv[i])
end
local counters = 0
if argv[1] ~= '' and call('TYPE', keys[1]).ok == 'hash' then
  counters = call('HLEN', keys[1]) - call('HEXISTS', keys[1], 'a') - call('HEXISTS', keys[1], 'g') - call('HEXISTS', keys[1], 't')
end
if argv[1] ~= '' then
  call('XADD', keys[3], '*', 'u', argv[1])
  call('UNLINK', keys[1])
end
return pack('<I4I4I4', counters, reservations, holds)
