-- POST of a command as webdis reads it (words between slashes, percent-encoded), with a fresh name for each reservation.
-- Arguments: a file with a line for each user, in which every | stands for the name; how long names are.
local post = require 'post'
local commands, length = {}, 0
local n = 0

function init(arguments)
  length = tonumber(arguments[2])
  for line in io.lines(arguments[1]) do
    local pieces = {}
    for piece in string.gmatch(line, '[^|]+') do pieces[#pieces + 1] = piece end
    commands[#commands + 1] = pieces
  end
end

function request()
  n = n + 1
  local name = '.x' .. string.format('%0' .. length - 2 .. 'd', n)
  return post('/', table.concat(commands[n % #commands + 1], name))
end
