-- Prints what bench/load.py reads. With BENCH_PACE (seconds) every connection waits about so long between two requests;
-- at random, so that the connections do not march in step.
local pace = os.getenv("BENCH_PACE")

if pace then
  function delay()
    return math.random(0, 2000 * tonumber(pace))
  end
end

function setup(thread)
  thread:set("seed", os.time())
end

function init()
  math.randomseed(seed)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'bench {"requests": %d, "microseconds": %d, "p50": %d, "p95": %d, "p99": %d, "errors": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(95), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
