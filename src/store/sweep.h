// Clears away what crashes and replaced segments left behind. Only the holder of the writer lock
// may.
#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "base/result.h"
#include "store/catalog.h"

namespace yagura::store {

// Removes the files of retired segments that no reader has in its list, see reader_lock.h; where
// the file system cannot tell, of those that were retired more than `grace` ago.
Result<void> remove_retired(const std::filesystem::path& lake,
                            Catalog& catalog,
                            std::chrono::seconds grace);

// Removes temporary files, segments the catalog does not know, and what remove_retired() does.
// Touches nothing but files named as this program names them,
// below the folders of log types.
Result<void> sweep(const std::filesystem::path& lake,
                   Catalog& catalog,
                   const std::vector<Segment>& segments,
                   std::chrono::seconds grace);

// Files below the lake that look like segments but are in no catalog row, with temporary ones.
std::vector<std::filesystem::path> orphans(const std::filesystem::path& lake,
                                           const std::vector<Segment>& segments);

// Where first-seen rules remember: first-seen/0000000000000003.state, a new file for each decision.
// How windows stood is in the file of that name that ends with .windows.
std::filesystem::path memory_path(const std::filesystem::path& lake, int64_t number);
// Removes those that are not `current`; a crash leaves one that is written but not named yet.
void sweep_memory(const std::filesystem::path& lake, int64_t current);

}  // namespace yagura::store
