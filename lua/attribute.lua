#!lua flags=allow-oom
-- attribute: leave an attribution that booked usage names. Also in a full Redis, like the booking itself; it is small, and few are new.
-- KEYS 1 attribution
-- ARGV 1 its bytes, 2 its time to live in ms
-- returns ''
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ''
