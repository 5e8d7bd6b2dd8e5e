-- prelude: the usual commit, straight on: final, on time, nothing booked before, counters of plain windows. What is not usual goes
-- on behind it, with the record in hand. (The functions of the other preludes are not even made for it, and long strings are made
-- once: Redis' Lua hashes every byte of each.)
local record = call('GET', keys[2])
local input, output, cost, final, flags = peel('<dddBB', argv[2])
if record and final == 1 then
  local seal, expires, heldInput, heldOutput, heldCost, fingerprint, kept, note, began, origin, plain, count, layout, at =
    peel('<c14I6xxxxdddxxBHHHI4BBHc0', record)
  if plain == 1 and now < expires and seal == argv[1] and #record == 61 + fingerprint + kept + note + began + origin then
    if cost < 0 then cost = heldCost end
    local money, most = cost > 0 and cost or 0, heldCost > 0 and heldCost or 0
    local over, strays = input + output > heldInput + heldOutput or (heldCost >= 0 and money > most), ''
    local parts = { peel(layout, record, at) }
    local stored = call('HMGET', keys[1], 'a', unpack(parts, 2 * count + 1, 3 * count))
    local own, n, shared, m = { nil, nil, nil, nil, nil, nil, nil, nil }, 0, { nil, nil, nil }, 0
    for i = 1, count do
      local unit, place, value, is, took = parts[i], parts[2 * count + i], stored[i + 1], 0, 1
      local common = unit >= 128
      if common then unit, value = unit - 128, call('GET', place) end
      if unit == 1 then is, took = input + output, heldInput + heldOutput
      elseif unit == 4 then is, took = money, most
      elseif unit == 5 then is = 1
      elseif unit == 2 then is, took = input, heldInput
      elseif unit == 3 then is, took = output, heldOutput end
      if is > took then over = true end
      local start, finish, used, hold
      if value then
        if #value ~= 28 then error('CORRUPT a counter has ' .. #value .. ' bytes') end
        start, finish, used, hold = peel('<I6I6dd', value)
      end
      if start == parts[count + i] then
        used, hold = used + is, hold > took and hold - took or 0
        if used > 9007199254740991 then return 'o' end
        value = pack('<I6I6dd', start, finish, used, hold)
        if common then
          -- A shared counter never goes by itself while anything of it is held.
          shared[m + 1], shared[m + 2], shared[m + 3], m = place, value, hold == 0 and finish + KEPT < NEVER and finish + KEPT, m + 3
        else
          own[n + 1], own[n + 2], n = place, value, n + 2
        end
      elseif is > 0 then
        strays = strays .. pack('<Hd', i, 0)
      end
      stored[i + 1] = value or string.rep('\0', 28)
    end

    if over then flags = flags + 2 end
    local key, said = keys[2], argv[5]
    call('XADD', keys[4], '*', 'e', pack('<c1I6dddBBHc0Hc0Hc0', 'c', now, input, output, cost, 1, flags, #key, key, #said, said,
      #strays, strays), 'r', record)
    record = record .. pack('<c1dddBBBc0H', 'c', input, output, cost, 1, flags, #argv[3], argv[3], 0)
    call('SET', key, record, 'PX', argv[4])
    for i = 1, m, 3 do
      if shared[i + 2] then
        call('SET', shared[i], shared[i + 1], 'PXAT', shared[i + 2])
      else
        call('SET', shared[i], shared[i + 1])
      end
    end
    if n > 0 then call('HSET', keys[1], unpack(own, 1, n)) end
    call('ZREM', keys[3], string.sub(key, #keys[3] + 2))
    local assignment = stored[1] or ''
    return pack('<c1BI6I4I4', 'k', 0, now, #assignment, #record) .. assignment .. record .. table.concat(stored, '', 2, count + 1)
  end
end
