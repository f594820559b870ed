// What a Parquet file says about itself, as far as a reader of our segments needs it before the
// engine is asked.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yagura::store {

// Names of the columns in a file, in its order; nullopt when it is no Parquet file we understand.
// Reads the end of the file only.
std::optional<std::vector<std::string>> column_names(const std::filesystem::path& file);

// The same from the bytes of a footer (Thrift's compact protocol, FileMetaData).
std::optional<std::vector<std::string>> column_names_in(std::string_view footer);

}  // namespace yagura::store
