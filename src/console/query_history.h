// What each person asked, the latest kMaxOfOne questions; nobody else sees them.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "console/notebook.h"

namespace yagura::console {

struct PastQuestion {
    Timestamp time{};
    std::string kind;  // discover, query, findings
    std::string text;
    std::string from;  // as it was asked for; may be empty
    std::string to;
    std::string types;  // of logs, separated by commas
    std::optional<int64_t> rows;
    std::optional<int64_t> elapsed_ms;
};

class QueryHistory {
  public:
    static constexpr size_t kMaxOfOne = 500;

    explicit QueryHistory(Notebook& notebook) : notebook_(notebook) {}

    // The same text asked again at once takes the place of the one before.
    Result<void> add(std::string_view who, const PastQuestion& question);

    // Newest first; an empty kind is all of them.
    Result<std::vector<PastQuestion>> of(std::string_view who, std::string_view kind = {});

  private:
    Notebook& notebook_;
};

}  // namespace yagura::console
