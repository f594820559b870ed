// What the resources of the API work with. Made once by whoever serves; all of it may be used from
// any worker thread.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "auth/principal.h"
#include "base/result.h"
#include "base/time.h"
#include "http/message.h"

namespace yagura::api {

struct Services {
    std::filesystem::path lake;
    std::function<Timestamp()> now;
    // Who asks; nullopt when nobody is signed in. An error when what was presented is refused.
    std::function<Result<std::optional<auth::Principal>>(const http::Request&)> identify;
};

}  // namespace yagura::api
