// Where an address is and whose it is, as every answer shows it (schema Place).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/route.h"
#include "base/json_text.h"
#include "enrich/geo_book.h"

namespace yagura::api {

// nullopt: no address. Without a book what an address is by itself is still known.
std::optional<enrich::Place> place_of(const Call& call, std::string_view address);

// {"network":"global","country":"JP",…,"sentence":"Tokyo, Japan · AS2516 KDDI"}, in the reader's
// language; what is not known is left out.
void write_place(std::string& out, const enrich::Place& place);

}  // namespace yagura::api
