-- Each path of a file once, divided among the threads. Arguments: the file, the method, how many threads, the body.
require "report"

function init(args)
  paths, number = {}, 0
  local line = 0
  for path in io.lines(args[1]) do
    if line % tonumber(args[3]) == id - 1 then paths[#paths + 1] = path end
    line = line + 1
  end
  wrk.method, wrk.body = args[2], args[4]
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
end

function request()
  number = number % #paths + 1
  return wrk.format(nil, paths[number])
end
