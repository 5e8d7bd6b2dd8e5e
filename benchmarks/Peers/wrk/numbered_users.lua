-- POST of a JSON body in which only the user's number changes. Arguments: path, what stands before the number, what after it, users.
require 'report'
wrk.method = 'POST'
wrk.headers['content-type'] = 'application/json'
local path, before, after, users
local n = 0

function init(arguments)
  path, before, after, users = arguments[1], arguments[2], arguments[3], tonumber(arguments[4])
end

function request()
  n = n + 1
  return wrk.format(nil, path, nil, before .. n % users .. after)
end
