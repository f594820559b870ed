// Where the bytes of an object in the ledger can be read again.
#pragma once

#include <filesystem>
#include <string>

#include "store/catalog.h"

namespace yagura::store {

// The file that still begins with exactly what was ingested: the object where it was, else the
// lake's own copy (--keep-raw). Empty when neither does. Reads the file to be sure.
std::string readable_file(const std::filesystem::path& lake, const LedgerObject& object);

}  // namespace yagura::store
