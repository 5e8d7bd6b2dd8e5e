#!lua flags=allow-oom
-- epoch: the keeper of the ledger says that the store has all its data, or that it has not.
-- KEYS 1 epoch, 2 lease, 3.. streams
-- ARGV 1 the keeper, 2 the epoch that is there, '' for none, 3 the epoch from now on, '' for none: data are missing,
--      4.. for each stream the last id that the ledger has booked: what comes from now on has later ones
-- returns 'k' done | 'n' another keeps the ledger, or another epoch is there
local call = redis.call
if call('GET', KEYS[2]) ~= ARGV[1] or (call('GET', KEYS[1]) or '') ~= ARGV[2] then return 'n' end
if ARGV[3] == '' then
  call('DEL', KEYS[1])
  return 'k'
end
local function numbers(id)
  local milliseconds, sequence = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(milliseconds), tonumber(sequence)
end
for i = 3, #KEYS do
  local facts, last = call('XINFO', 'STREAM', KEYS[i]), '0-0'
  for k = 1, #facts, 2 do
    if facts[k] == 'last-generated-id' then last = facts[k + 1] end
  end
  local time, sequence = numbers(last)
  local booked, bookedSequence = numbers(ARGV[i + 1])
  if booked > time or (booked == time and bookedSequence > sequence) then call('XSETID', KEYS[i], ARGV[i + 1]) end
end
call('SET', KEYS[1], ARGV[3])
return 'k'
