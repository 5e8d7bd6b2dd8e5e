#!lua flags=allow-oom
-- lease: who keeps the ledger: taken while nobody has it, held longer by who has it, given back; and what its keeper watches over.
-- A ledger that is not the store's own never has it.
-- KEYS 1 lease, 2 epoch, 3.. streams
-- ARGV 1 a node, 2 how long it is to have it in ms, 0 to give it back, 3 the id of its ledger, 4 '1' if it may take a store without
--      an epoch
-- returns words, a blank between them: who has it now ('-' nobody), the epoch ('-' none), the store's time, and for who has it the
--   last id that each stream ever gave
local call = redis.call
local holder, epoch = call('GET', KEYS[1]), call('GET', KEYS[2])
local mine = not holder or holder == ARGV[1]
local may = ARGV[4] == '1'
if epoch then may = string.sub(epoch, 1, #ARGV[3] + 1) == ARGV[3] .. '-' end
local tips = {}
if mine and may and ARGV[2] ~= '0' then
  for i = 3, #KEYS do
    local facts = redis.pcall('XINFO', 'STREAM', KEYS[i])
    tips[i - 2] = '0-0'
    if facts.err and not string.find(facts.err, 'no such key', 1, true) then return facts end
    for k = 1, facts.err and 0 or #facts, 2 do
      if facts[k] == 'last-generated-id' then tips[i - 2] = facts[k + 1] end
    end
  end
  call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  holder = ARGV[1]
elseif mine and holder then
  call('DEL', KEYS[1])
  holder = false
end
return table.concat({ holder or '-', epoch or '-', string.format('%.0f', now), unpack(tips) }, ' ')
