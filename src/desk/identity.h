// Names: of rules in a text, of their files, of versions.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace yagura::desk {

// The name of the file for a rule: its id where that can be one, else made of a hash of it. Never
// holds a slash, never begins with a dot.
std::string file_stem(std::string_view id);

// `file`, or the same name with a number when it is taken.
std::filesystem::path free_name(const std::filesystem::path& file);

// The id of the first rule in a text as it is now; empty when there is none that can be read.
std::string first_id(const std::string& text);

// A random id (RFC 9562, version 4).
std::string new_id();

// The text with such an id, when it is one Sigma document that has none.
std::string with_id(const std::string& text);

// Changes when the text does.
std::string version_of(std::string_view text);

// "20261122T030405123456Z" and back; nullopt for anything else.
std::string version_name(Timestamp time);
std::optional<Timestamp> version_time(std::string_view name);

}  // namespace yagura::desk
