// What requests about findings say, read and checked.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "api/route.h"
#include "console/board.h"
#include "console/finding_list.h"
#include "http/json.h"

namespace yagura::api {

// The query of GET /findings.
Result<console::FindingFilter> read_filter(const Call& call, const console::Sight& sight);

// `ids` of a body: places in the sight. Code::not_found when one of them is not there (for who
// asks).
Result<std::vector<uint32_t>> read_findings(const http::Json& body, const console::Sight& sight);

// An id that is a number, written as such or as text.
Result<int64_t> read_number_id(const http::Json& body, std::string_view key);

// POST /findings/suppress
Result<http::Response> suppress_findings(Call& call);

}  // namespace yagura::api
