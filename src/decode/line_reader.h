// Takes text apart into lines.
#pragma once

#include "decode/delivery.h"
#include "decode/envelope.h"
#include "decode/text_window.h"

namespace yagura::decode {

// Delivers every line that is not blank, without its line break; a line that is one JSON object is
// delivered as such. Lines longer than 16 MiB are faults. Reads to the end or until the sink stops.
void read_lines(TextWindow& window, Delivery& delivery, size_t window_bytes);

}  // namespace yagura::decode
