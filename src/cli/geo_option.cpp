#include "cli/geo_option.h"

#include <CLI/CLI.hpp>

#include "base/messages/enrich.h"

namespace yagura::cli {

void add_geo_option(CLI::App& command, std::vector<std::string>& paths) {
    command.add_option("--geo", paths, say(message::geo_opt))->allow_extra_args(false);
}

Result<std::unique_ptr<enrich::GeoBook>> open_geo(const std::vector<std::string>& paths) {
    return enrich::GeoBook::open({paths.begin(), paths.end()});
}

}  // namespace yagura::cli
