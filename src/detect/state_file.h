// Files in which detection remembers across restarts: written whole, read whole, little-endian
// numbers.
//
//   std::string bytes(kMagic);
//   put(bytes, uint32_t{1});
//   YAGURA_CHECK(write_state_file(path, bytes));
//   YAGURA_TRY(const auto back, read_state_file(path));     // nullopt: no such file
//   std::string_view left = *back;
//   const auto number = take<uint32_t>(left);               // nullopt: the bytes have ended
#pragma once

#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace yagura::detect {

// Writes under another name, syncs and renames.
Result<void> write_state_file(const std::filesystem::path& path, std::string_view bytes);

Result<std::optional<std::string>> read_state_file(const std::filesystem::path& path);

template <class Number>
void put(std::string& out, Number number) {
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <class Number>
std::optional<Number> take(std::string_view& bytes) {
    Number number{};
    if (bytes.size() < sizeof number) return std::nullopt;
    std::memcpy(&number, bytes.data(), sizeof number);
    bytes.remove_prefix(sizeof number);
    return number;
}

}  // namespace yagura::detect
