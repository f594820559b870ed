// The things logs arrive in: files, found by name or by walking folders.
//
//   YAGURA_TRY(auto listing, list_objects(paths));
//   for (const Object& object : listing.objects) { ...decode::read_records(object, sink)... }
//   for (const Skipped& skipped : listing.skipped) { ...tell the person... }
//
// One object is the unit of work and of commit. Its name is data: nothing is concluded from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/fault.h"
#include "base/result.h"
#include "base/time.h"

namespace yagura::source {

constexpr std::string_view kStandardInput = "-";

struct Object {
    std::string path;   // as listed; "-" is standard input
    uint64_t size = 0;  // stored bytes at listing; 0 when unknown
    Timestamp modified{};
    bool is_stream = false;     // standard input or a pipe: can be read once
    uint64_t end = UINT64_MAX;  // what stands from here on is not read: the file is still growing
};

// Something below a given folder that is not read, and why. `reason` is the operating system's
// word.
struct Skipped {
    std::string path;
    FaultCode code = FaultCode::unreadable;
    std::string reason;
};

struct Listing {
    std::vector<Object> objects;   // sorted bytewise by path, each path once
    std::vector<Skipped> skipped;  // sorted bytewise by path
    uint64_t total_bytes = 0;
};

// Lists files, and folders with all that is below them. "-" is standard input; a pipe may be named
// too.
//
// Links named in `paths` are followed. Below a folder, links to files are followed while they stay
// in that folder, links to folders never, so no loop and no escape is possible; what is thereby
// left out is in `skipped`, as are unreadable folders, pipes, sockets and devices. A path that does
// not exist is an error.
Result<Listing> list_objects(std::span<const std::string> paths);

}  // namespace yagura::source
