// What Prometheus' own clients say of every process, under the names they use.
#pragma once

#include <string_view>

#include "base/metrics.h"

namespace yagura::server {

// yagura_build_info and process_*.
void add_process_numbers(Metrics& metrics, std::string_view version);

}  // namespace yagura::server
