-- One address again and again.
require "report"
