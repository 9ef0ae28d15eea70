-- Sends the requests of a file in turn, one a line: method, path, user, body, what it accepts, which tags it has; parted by tabs.
-- wrk -s load.lua URL -- FILE START: START is the line to begin with, counted from 0.
local requests, position = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local method, path, user, body, accepted, tags = line:match('^(%S+)\t(%S+)\t(%S*)\t([^\t]*)\t(%S*)\t(%S*)$')
    local headers = { ['authorization'] = user }
    if body ~= '' then headers['content-type'] = 'application/json' end
    if accepted ~= '' then headers['accept-encoding'] = accepted end
    if tags ~= '' then headers['if-none-match'] = tags end
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= '' and body or nil)
  end
  position = tonumber(args[2]) % #requests
end

function request()
  position = position % #requests + 1
  return requests[position]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%f,"p50Ms":%f,"p99Ms":%f,"failed":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
