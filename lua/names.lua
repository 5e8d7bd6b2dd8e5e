-- prelude: names that all scripts use; looking a global up costs more than a local.
local call, pack, peel, keys, argv = redis.call, struct.pack, struct.unpack, KEYS, ARGV
local NEVER = 281474976710655
local KEPT = 90000000 -- late commits reach back 24 h, so a counter is kept 25 h past its window
