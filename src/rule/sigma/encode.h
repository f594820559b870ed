// The byte encodings attackers wrap commands in, as Sigma's modifiers search for them.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace yagura::rule::sigma {

std::string base64(std::string_view bytes);

// What `bytes` look like inside base64 of a longer text, for each of the three alignments, cut to
// the characters that do not depend on the neighbours ("foobar": Zm9vYmFy, Zvb2Jhc, mb29iYX).
std::array<std::string, 3> base64_at_offsets(std::string_view bytes);

// UTF-16 of UTF-8 text, without byte order mark.
std::string utf16_little_endian(std::string_view text);
std::string utf16_big_endian(std::string_view text);

// Every spelling of a command line's option dashes: a `-` or `/` in front of a word becomes each of
// - / – — ―. More than three places give too many spellings: empty.
std::vector<std::string> dash_variants(std::string_view text);

}  // namespace yagura::rule::sigma
