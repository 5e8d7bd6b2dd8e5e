-- prelude: the usual commit, straight on: final, on time, nothing booked before, of one to six counters that are still in the plain
-- windows it was taken from. What is not usual goes on behind it, with the record in hand. (The functions of the other preludes
-- are not even made for it, and few strings are put together: Redis' Lua hashes every byte of each.)
local record = call('GET', keys[2])
local input, output, cost, final, flags = peel('<dddBB', argv[2])
if record and final == 1 then
  -- Of a record at rest the seal comes first. (No length is read before: in another record it may be anything.)
  local seal, expires, heldInput, heldOutput, heldCost, _, plain, count, own = peel('<c14I6dddI4BBB', record)
  local layout = count == 4 and '<BBBBI6I6I6I6Hc0Hc0Hc0Hc0' or count == 3 and '<BBBI6I6I6Hc0Hc0Hc0' or count == 2 and '<BBI6I6Hc0Hc0'
    or count == 1 and '<BI6Hc0' or count == 5 and '<BBBBBI6I6I6I6I6Hc0Hc0Hc0Hc0Hc0'
    or count == 6 and '<BBBBBBI6I6I6I6I6I6Hc0Hc0Hc0Hc0Hc0Hc0'
  if seal == argv[1] and plain == 1 and layout and now < expires then
    if cost < 0 then cost = heldCost end
    local money, most = cost > 0 and cost or 0, heldCost > 0 and heldCost or 0
    local over = input + output > heldInput + heldOutput or (heldCost >= 0 and money > most)
    local parts = { peel(layout, record, 52) }
    local mine, common = 2 * count, 2 * count + own
    local stored = call('HMGET', keys[1], 'a', unpack(parts, mine + 1, common))
    -- The user's fields and their values; behind them, for each shared counter, key, value and when it goes.
    local changes, n, m, booked = { nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil }, 0, 2 * own, 0
    for i = 1, count do
      local unit, is, took, place, value = parts[i], 0, 1, nil, nil
      local shared = unit >= 128
      if shared then
        common = common + 1
        unit, place = unit - 128, parts[common]
        value = call('GET', place)
      else
        mine = mine + 1
        place, value = parts[mine], stored[mine - 2 * count + 1]
      end
      if not value or #value ~= 28 then break end
      local start, finish, used, hold = peel('<I6I6dd', value)
      if start ~= parts[count + i] then break end
      if unit == 1 then is, took = input + output, heldInput + heldOutput
      elseif unit == 4 then is, took = money, most
      elseif unit == 5 then is = 1
      elseif unit == 2 then is, took = input, heldInput
      elseif unit == 3 then is, took = output, heldOutput end
      if is > took then over = true end
      used, hold = used + is, hold > took and hold - took or 0
      if used > 9007199254740991 then break end
      value = pack('<I6I6dd', start, finish, used, hold)
      if shared then
        -- A shared counter never goes by itself while anything of it is held.
        changes[m + 1], changes[m + 2], changes[m + 3] = place, value, hold == 0 and finish + KEPT < NEVER and finish + KEPT
        m = m + 3
      else
        changes[n + 1], changes[n + 2], n = place, value, n + 2
      end
      parts[i], booked = value, i
    end

    if booked == count then
      local key, fingerprint = keys[2], argv[3]
      if over then flags = flags + 2 end
      local settlement = pack('<c1I6dddBBBc0H', 'c', now, input, output, cost, 1, flags, #fingerprint, fingerprint, 0)
      call('XADD', keys[4], '*', 'e', settlement, 'k', key, 's', argv[5], 'r', record)
      record = settlement .. record
      call('SET', key, record, 'PX', argv[4])
      for i = n + 1, m, 3 do
        if changes[i + 2] then
          call('SET', changes[i], changes[i + 1], 'PXAT', changes[i + 2])
        else
          call('SET', changes[i], changes[i + 1])
        end
      end
      if n > 0 then call('HSET', keys[1], unpack(changes, 1, n)) end
      call('ZREM', keys[3], string.sub(key, #keys[3] + 2))
      local assignment = stored[1] or ''
      local head = pack('<c1BI6I4I4', 'k', 0, now, #assignment, #record)
      if count > 4 then return head .. assignment .. record .. table.concat(parts, '', 1, count) end
      return head .. assignment .. record .. parts[1] .. (count > 1 and parts[2] or '') .. (count > 2 and parts[3] or '')
        .. (count > 3 and parts[4] or '')
    end
  end
end
