-- prelude: the store's clock, in milliseconds. Only this clock decides; service nodes may be wrong by hours.
local time = redis.call('TIME')
local micros = time[2] + 0
local now = time[1] * 1000 + (micros - micros % 1000) / 1000
