// The console's files as the program carries them.
//
//   for (const Asset& asset : web_assets()) router.add_static(asset);
//
// Everything is in the program's read-only memory and lives as long as it. The table is made by
// web/tools/embed.mjs from what Vite built (cmake/YaguraWeb.cmake) and is sorted by path.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace yagura::server {

struct Asset {
    std::string_view path;            // "/index.html", "/assets/main-B7x2.js"
    std::string_view type;            // Content-Type
    std::string_view etag;            // with its quotes; of the raw bytes
    std::span<const std::byte> gzip;  // the file, gzip -9
    bool immutable;                   // its name holds a hash: may be cached for ever
    std::size_t raw_size;             // bytes before gzip
};

std::span<const Asset> web_assets();

}  // namespace yagura::server
