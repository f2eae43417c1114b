-- wrk: a file as the body of every request. AUDIO names it; the summary says latencies and what was not answered with 200.
local file = assert(io.open(os.getenv("AUDIO"), "rb"))
wrk.method = "POST"
wrk.body = file:read("a")
wrk.headers["Content-Type"] = "application/octet-stream"

function done(summary, latency)
  local e = summary.errors
  print(string.format(
    "requests %d, not 200: %d, connection errors: %d, p50 %.1f ms, p99 %.1f ms, most %.1f ms",
    summary.requests, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
