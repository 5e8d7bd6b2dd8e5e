-- GET of the address as it is.
require 'report'
