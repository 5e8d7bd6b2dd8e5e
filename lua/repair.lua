#!lua flags=allow-oom
-- repair: set counters right by what they are off, so that what moves them meanwhile still counts; and give back what a store that
-- lost its data had of a user.
-- KEYS 1 user hash, 2 stream, 3 lease of the ledger, 4.. shared counters
-- ARGV 1 the keeper of the ledger, 2 who, why and which counters, for the ledger, '' for a restoring, 3 the user's assignment and
--      4 who granted its top-ups, both only for a user who has none, '' for none; then for each counter its field, '' for the next
--      shared one, '<I6dd' its window's start, what is added to used and to held, and the counter to be where there is none
-- returns 'k' and how many counters were set right, I4 | 'n' another keeps the ledger, nothing was done
if call('GET', keys[3]) ~= argv[1] then return 'n' end
local shared, told, done = 3, {}, 0
for i = 5, #argv, 3 do
  local field, place, value = argv[i], nil, nil
  local start, used, held = peel('<I6dd', argv[i + 1])
  if field == '' then
    shared = shared + 1
    place = keys[shared]
    value = call('GET', place)
  else
    value = call('HGET', keys[1], field)
  end
  local new
  if not value then
    if argv[i + 2] ~= '' then new = argv[i + 2] end
  elseif #value == 60 then
    local began, before, hold, carry, limit, period, step = drained(value)
    if before + used >= 0 and hold + held >= 0 then new = refill(began, before + used, hold + held, carry, limit, period, step) end
  elseif #value == 28 then
    local began, finish, before, hold = peel('<I6I6dd', value)
    if began == start and before + used >= 0 and hold + held >= 0 then
      new = pack('<I6I6dd', began, finish, before + used, hold + held)
    elseif began < start and argv[i + 2] ~= '' then
      new = argv[i + 2]
    end
  else
    error('CORRUPT a counter has ' .. #value .. ' bytes')
  end
  if new then
    done = done + 1
    if field == '' then
      commons[m + 1], commons[m + 2], m, fresh = place, new, m + 2, value and fresh or 2
    else
      pairs[n + 1], pairs[n + 2], n = field, new, n + 2
    end
  end
  told[#told + 1] = pack('<I6d', start, 0)
end
-- All is checked: from here on it is written. The event moves nothing: what the ledger has is what counts.
if done > 0 and argv[2] ~= '' then
  call('XADD', keys[2], '*', 'e', pack('<c1I6I4c0', 'a', now, #argv[2], argv[2]) .. table.concat(told))
end
if argv[3] ~= '' and call('HEXISTS', keys[1], 'a') == 0 then
  call('HSET', keys[1], 'a', argv[3])
  if argv[4] ~= '' then call('HSET', keys[1], 'g', argv[4]) end
end
write(keys[1])
return pack('<c1I4', 'k', done)
