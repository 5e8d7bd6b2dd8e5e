-- prelude: the plain allow, straight on: every counter lies in the window planned for and has room for the asked model at its most.
-- What is not plain goes on behind it, with what it has read in hand. (The functions of the other preludes are not even made for
-- it, and the record is sent as good as ready: Redis' Lua hashes every byte of each string that is put together.)
local ttl, from, till, mode, rungs, count, own, origins, tag = peel('<I6I6I6BBBBBc8', argv[2])
local fingerprint, dry = argv[3], mode % 2 == 1
if fingerprint ~= '' and not dry then
  local record = call('GET', keys[2])
  if record then
    local at, origin, length, note, starts, _ = 1, nil, nil, nil, nil, nil
    if string.byte(record) >= 97 then _, _, _, _, _, _, _, _, _, at = peel('<c1I6dddBBBc0Hc0', record) end
    _, _, _, _, _, origin, at = peel('<c14I6dddI4', record, at)
    _, _, _, length, note, starts, at = peel('<I4BBBHH', record, at + origin)
    at = at + starts + note
    return string.sub(record, at, at + length - 1) == fingerprint and 'p' or 'm'
  end
end

local present = call('HMGET', keys[1], 'a', 't', unpack(argv, 8, 7 + own))
local assignment, revision = present[1] or '', argv[1]
local known = (assignment == '' and '\n' or string.sub(assignment, 1, #revision)) == revision
if known and now >= from and now < till and mode % 4 == 0 then
  local definitions, at, mine, common, allowed = argv[5], 1, 0, 0, 0
  local values = { nil, nil, nil, nil, nil, nil }
  -- Fields of the user's hash and their values; behind them, from `first` on, keys and theirs: shared counters, the record.
  local changes, n, first = { nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil }, 0, 2 * own + 3
  local m = first - 1
  for i = 1, count do
    local kind, start, room, amount = peel('<BI6dd', definitions, at)
    local value
    if kind == 0 then
      mine = mine + 1
      value = present[mine + 2]
    elseif kind == 128 then
      common = common + 1
      value = call('GET', keys[common + 3])
    end
    if not value or #value ~= 28 then break end
    local began, finish, used, held = peel('<I6I6dd', value)
    if began ~= start then break end
    if amount >= 0 then
      if amount > 0 and amount > room - used - held then break end
      held = held + amount
      value = pack('<I6I6dd', start, finish, used, held)
      if kind == 0 then
        changes[n + 1], changes[n + 2], n = argv[7 + mine], value, n + 2
      else
        if held == 0 then break end -- a shared counter of which nothing is held has a time to live
        changes[m + 1], changes[m + 2], m = keys[common + 3], value, m + 2
      end
    end
    values[i], at, allowed = value, at + 29, i
  end

  if allowed == count then
    local key, expires = keys[2], now + ttl
    -- Whatever could fail on a foreign value has been read above, or comes first.
    call('ZADD', keys[3], string.format('%d', expires), string.sub(key, #keys[3] + 2))
    changes[m + 1], changes[m + 2] = key, pack('>I6<c8I6', now, tag, expires) .. argv[7]
    call('MSET', unpack(changes, first, m + 2))
    if present[2] ~= argv[4] then changes[n + 1], changes[n + 2], n = 't', argv[4], n + 2 end
    if n > 0 then call('HSET', keys[1], unpack(changes, 1, n)) end
    local head = pack('<c1I6I6', 'a', now, expires)
    if count > 4 then return head .. table.concat(values, '', 1, count) end
    return head .. (values[1] or '') .. (values[2] or '') .. (values[3] or '') .. (values[4] or '')
  end
end
