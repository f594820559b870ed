// Resources as answers show them: of a finding, in the overview, as a facet.
#pragma once

#include <string>
#include <string_view>

#include "base/json_text.h"
#include "store/findings.h"

namespace yagura::api {

// What the key of a resource says: `value` (the key, for ?resource=), kind, title, name, and where
// there are such account, Region, ARN and the kind of its entity page.
void write_resource(JsonObject& row, std::string& out, std::string_view key);

// The members `resources` (the first `most`), `resource_count` and `other_resources`.
void write_resources(JsonObject& row,
                     std::string& out,
                     const store::KeptFinding& finding,
                     size_t most);

// "logs · S3 bucket", in the reader's language.
std::string resource_label(std::string_view key);

}  // namespace yagura::api
