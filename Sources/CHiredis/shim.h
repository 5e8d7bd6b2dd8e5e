#pragma once
// Only the protocol half of hiredis is used: its reply reader and its command formatter. The sockets are SwiftNIO's.
#include <hiredis/hiredis.h>
