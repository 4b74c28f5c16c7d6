-- Sign-ups of distinct addresses. Arguments: path, form token, prefix of the addresses.
require "report"

function init(args)
  path, prefix, number = args[1], args[3] .. id .. "x", 0
  rest = "&country=FR&story=&show_name=y&consent=y&website=&partner=&token=" .. args[2]
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
end

function request()
  number = number + 1
  return wrk.format(nil, path, nil, "name=Suzie+Signer&email=" .. prefix .. number .. "%40d" .. number % 100 .. ".example" .. rest)
end
