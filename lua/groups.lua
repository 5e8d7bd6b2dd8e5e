#!lua flags=allow-oom
-- groups: the consumer group of the ledger in every stream, from the first event on; those that have it keep it. Also in a full
-- Redis: it is emptied by who reads in a group.
-- KEYS 1.. streams
-- ARGV 1 the group
-- returns ''
for i = 1, #KEYS do
  local made = redis.pcall('XGROUP', 'CREATE', KEYS[i], ARGV[1], '0', 'MKSTREAM')
  if made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then return made end
end
return ''
