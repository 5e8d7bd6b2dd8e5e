-- prelude: the store's clock, in milliseconds. Only this clock decides; service nodes may be wrong by hours.
local time = redis.call('TIME')
local now = time[1] * 1000 + (time[2] - time[2] % 1000) / 1000
