#!lua flags=no-writes
-- audit: counters as they are, what is held of them, and what the ledger has not booked yet, all at one moment.
-- KEYS 1.. streams, then the expiry indexes of the same partitions, then what to audit
-- ARGV 1 how many partitions, 2 'u': users' hashes, all of one partition, 's': shared counters, 3 most events and holds, each
-- returns 'w' too many events wait, 'h' too many holds are open | 'k', the store's time I6, and lists, each a length I4 and its
--   items, each item I4c0: of events the number of its partition, from 0, its id, how many words it has, and these; of holds the
--   reservation's key and its record; then for each user, or for all shared counters, a list of fields or keys with their values
local call, pack = redis.call, struct.pack
local count, users, most = tonumber(ARGV[1]), ARGV[2] == 'u', tonumber(ARGV[3])
local out, n = {}, 0
local function add(text)
  n = n + 1
  out[n] = pack('<I4c0', #text, text)
end
local function list(items)
  n = n + 1
  out[n] = pack('<I4', #items)
  for i = 1, #items do add(items[i]) end
end

local waiting = {}
for i = 1, count do
  local entries = call('XRANGE', KEYS[i], '-', '+', 'COUNT', most + 1)
  if #entries > most then return 'w' end
  for _, entry in ipairs(entries) do
    local w, words = #waiting, entry[2]
    waiting[w + 1], waiting[w + 2], waiting[w + 3] = tostring(i - 1), entry[1], tostring(#words)
    for k = 1, #words do waiting[w + 3 + k] = words[k] end
  end
end

local wanted = {}
for i = 2 * count + 1, users and #KEYS or 0 do wanted[string.sub(KEYS[i], 11)] = true end
local holds, looked = {}, 0
for i = 1, count do
  local index = KEYS[count + i]
  local prefix = string.sub(index, 1, -2) .. 'r:'
  looked = looked + call('ZCARD', index)
  if looked > most then return 'h' end
  for _, member in ipairs(call('ZRANGE', index, 0, -1)) do
    if not users or wanted[string.match(member, '^[^:]*')] then
      local record = call('GET', prefix .. member)
      if record and (users or string.find(record, 'tb:c:', 1, true)) then
        holds[#holds + 1], holds[#holds + 2] = prefix .. member, record
      end
    end
  end
end

n = 1
out[1] = pack('<c1I6', 'k', now)
list(waiting)
list(holds)
local values = {}
for i = 2 * count + 1, #KEYS do
  if users then
    list(call('HGETALL', KEYS[i]))
  else
    local value = call('GET', KEYS[i])
    if value then values[#values + 1], values[#values + 2] = KEYS[i], value end
  end
end
if not users then list(values) end
return table.concat(out)
