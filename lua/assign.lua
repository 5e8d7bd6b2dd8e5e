#!lua flags=allow-oom
-- assign: put another assignment in the place of a user's, if it is still the one that was read. Its revision is another one, so
-- every node's next decision about the user is planned under it.
-- KEYS 1 user hash, 2 stream
-- ARGV 1 the revision read and a line feed, as for reserve, 2 the new assignment, 3 '<I6I6' from when and till when it may be written,
--      4 who granted its top-ups and why, '' for none, 5 a grant for the ledger, '' for none
-- The ledger keeps a copy, field `t` of an entry: the user's key, then `a` the assignment, `g` who granted: for a store that lost it.
-- returns '<c1I6I4c0': 'k' written or 's' stale, the store's time, and the assignment as it is now
local from, till = struct.unpack('<I6I6', ARGV[3])
local stored = redis.call('HGET', KEYS[1], 'a') or ''
local stale = now < from or now >= till or string.sub(stored ~= '' and stored or '\n', 1, #ARGV[1]) ~= ARGV[1]
if not stale then
  stored = ARGV[2]
  if ARGV[5] ~= '' then redis.call('XADD', KEYS[2], '*', 'e', struct.pack('<c1I6', 'g', now) .. ARGV[5]) end
  redis.call('XADD', KEYS[2], '*', 't', KEYS[1], 'a', stored, 'g', ARGV[4])
  redis.call('HSET', KEYS[1], 'a', stored)
  if ARGV[4] == '' then redis.call('HDEL', KEYS[1], 'g') else redis.call('HSET', KEYS[1], 'g', ARGV[4]) end
end
return struct.pack('<c1I6I4c0', stale and 's' or 'k', now, #stored, stored)
