// Text that is not plain UTF-8: byte order marks and UTF-16.
#pragma once

#include <memory>
#include <string_view>

#include "decode/stream.h"

namespace yagura::decode {

enum class Charset : uint8_t { utf8, utf8_with_mark, utf16_little, utf16_big };

// From a byte order mark, or from a zero byte beside a JSON bracket. `head`: 4 bytes or fewer.
Charset recognise_charset(std::string_view head);

// `from` as UTF-8 without a mark; lone surrogates become U+FFFD. `from` must outlive the result.
std::unique_ptr<Stream> open_utf16(Charset charset, Stream& from);

}  // namespace yagura::decode
