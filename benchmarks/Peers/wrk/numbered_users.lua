-- POST of a JSON body in which only the user's number changes. Arguments: path, what stands before the number, what after it, users.
local post = require 'post'
wrk.headers['content-type'] = 'application/json'
local path, before, after, users
local n = 0

function init(arguments)
  path, before, after, users = arguments[1], arguments[2], arguments[3], tonumber(arguments[4])
end

function request()
  n = n + 1
  return post(path, before .. n % users .. after)
end
