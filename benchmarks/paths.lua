-- For wrk: asks for the paths of a file in turn, and prints what rounds.py calls a run.
local requests, turn = {}, 0

function init(args)
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format(
    '\n{"per_s": %f, "p50_ms": %f, "p99_ms": %f, "failed_count": %d}\n',
    (summary.requests - e.status) / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, failed))
end
