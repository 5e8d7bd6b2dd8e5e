#!lua
-- publish: store a new version of a document (policy, prices), unless another came between.
-- KEYS 1 the document's hash: `n` its latest version, `d` the digest of its text; of each version V kept `m:V` time I6 and facts, `t:V` text
-- ARGV 1 the version this one builds upon (0: there is none yet; *: whatever there is), 2 facts, 3 text, 4 most versions kept, 5 digest
-- returns 'k', version I6, time I6 | 'c', the version that is the latest, I6
local latest = tonumber(redis.call('HGET', KEYS[1], 'n') or '0')
if ARGV[1] ~= '*' and tonumber(ARGV[1]) ~= latest then return struct.pack('<c1I6', 'c', latest) end
local version = string.format('%.0f', latest + 1)
redis.call('HSET', KEYS[1], 'n', version, 'd', ARGV[5], 'm:' .. version, struct.pack('<I6', now) .. ARGV[2], 't:' .. version, ARGV[3])
local oldest = string.format('%.0f', latest + 1 - tonumber(ARGV[4]))
redis.call('HDEL', KEYS[1], 'm:' .. oldest, 't:' .. oldest)
return struct.pack('<c1I6I6', 'k', latest + 1, now)
