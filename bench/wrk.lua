-- Asks for the targets in the file BENCH_TARGETS, one a line, in turn; prints what bench/load.py reads.
local requests = {}
local turn = 0

function init()
  for target in io.lines(os.getenv("BENCH_TARGETS")) do
    requests[#requests + 1] = wrk.format("GET", target)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'bench {"requests": %d, "microseconds": %d, "p50": %d, "p95": %d, "p99": %d, "refused": %d, "errors": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(95), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
