-- One address again and again.
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("\nRESULT %d %d %d %d %.1f\n", summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50)))
end
