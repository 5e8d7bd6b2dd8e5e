-- A reserve in nginx: the JSON request in, the user's command to Redis, a JSON answer out.
local cjson = require 'cjson.safe'
local redis = require 'nginx.redis'

local CONNECTIONS, IDLE_MS, TIMEOUT_MS = 256, 60000, 60000
local commands, name_length = {}, 0
local count = 0
local reserve = {}

local function bytes(hexadecimal)
  return (string.gsub(hexadecimal, '%x%x', function(pair) return string.char(tonumber(pair, 16)) end))
end

-- With its length: a chunked answer would cost this server more.
local function answer(status, value)
  local body = cjson.encode(value)
  ngx.status = status
  ngx.header['content-type'] = 'application/json'
  ngx.header['content-length'] = #body
  ngx.print(body)
end

local function refuse(status, why) return answer(status, { error = why }) end

local function fresh_name()
  count = count + 1
  return '.x' .. string.format('%0' .. name_length - 2 .. 'd', count)
end

-- PUT of every user's command: its words, each as the pieces around a reservation's name.
function reserve.learn()
  ngx.req.read_body()
  local body = cjson.decode(ngx.req.get_body_data() or '')
  if not body then return refuse(400, 'no JSON') end
  commands, name_length = {}, body.name_length
  for user, words in pairs(body.commands) do
    for _, pieces in ipairs(words) do
      for i, piece in ipairs(pieces) do pieces[i] = bytes(piece) end
    end
    commands[user] = words
  end
  answer(200, { learned = true })
end

function reserve.answer()
  ngx.req.read_body()
  local request = cjson.decode(ngx.req.get_body_data() or '')
  local command = request and commands[request.user]
  if not command then return refuse(400, 'no such user') end
  local name, words = fresh_name(), {}
  for i, pieces in ipairs(command) do words[i] = #pieces == 1 and pieces[1] or table.concat(pieces, name) end
  local connection = redis:new()
  connection:set_timeout(TIMEOUT_MS)
  local ok, why = connection:connect('127.0.0.1', tonumber(ngx.var.redis_port))
  if not ok then return refuse(503, why) end
  local verdict, refusal = connection:evalsha(unpack(words))
  if not verdict then return refuse(503, refusal) end
  connection:set_keepalive(IDLE_MS, CONNECTIONS)
  answer(200, { reservation_id = name, model = request.model, max_output_tokens = request.max_output_tokens })
end

return reserve
