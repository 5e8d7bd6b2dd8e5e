-- POST of a JSON body around each line of a file, once; at the end of the file the load ends.
-- Arguments: path, what stands before the line, what after it, file.
local post = require 'post'
wrk.headers['content-type'] = 'application/json'
local path, before, after, lines

function init(arguments)
  path, before, after, lines = arguments[1], arguments[2], arguments[3], io.lines(arguments[4])
end

function request()
  local line = lines and lines()
  if line then return post(path, before .. line .. after) end
  lines = nil -- the other connections ask once more before the load ends
  wrk.thread:stop()
  return ''
end
