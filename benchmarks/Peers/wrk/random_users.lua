-- POST of a JSON body in which only the user's number changes, drawn evenly from all users.
-- Arguments: path, what stands before the number, what after it, users, seed.
local post = require 'post'
wrk.headers['content-type'] = 'application/json'
local path, before, after, users

function init(arguments)
  path, before, after, users = arguments[1], arguments[2], arguments[3], tonumber(arguments[4])
  math.randomseed(tonumber(arguments[5]))
end

function request()
  return post(path, before .. string.format('%d', math.random(0, users - 1)) .. after)
end
