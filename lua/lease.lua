#!lua flags=allow-oom
-- lease: who keeps the ledger: taken while nobody has it, held longer by who has it, given back.
-- KEYS 1 lease
-- ARGV 1 a node, 2 how long it is to have it in ms, 0 to give it back
-- returns who has it now, '' for nobody
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
if ARGV[2] ~= '0' then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return ARGV[1]
end
redis.call('DEL', KEYS[1])
return ''
