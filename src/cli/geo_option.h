// The option of every command that says where addresses are.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "enrich/geo_book.h"

namespace CLI {
class App;
}

namespace yagura::cli {

// --geo. `paths` must outlive the command.
void add_geo_option(CLI::App& command, std::vector<std::string>& paths);

Result<std::unique_ptr<enrich::GeoBook>> open_geo(const std::vector<std::string>& paths);

}  // namespace yagura::cli
