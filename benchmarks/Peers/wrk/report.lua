-- What wrk measured, as one line of JSON. Times in microseconds, `seconds` in seconds.
function done(summary, latency)
  local errors = summary.errors
  print(string.format('@ {"answers":%d,"seconds":%.6f,"p50":%d,"p99":%d,"p999":%d,"max":%d,"status_errors":%d,"socket_errors":%d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), latency:percentile(99.9), latency.max,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
