// When somebody last looked, so that the overview can say what is new since.
//
// A visit is a series of looks with less than half an hour between them; "the last visit" ended
// with the last look of the series before this one. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "console/notebook.h"

namespace yagura::console {

// What there was to see at a moment.
struct Mark {
    Timestamp time{};
    int64_t last_finding = 0;  // highest id of the catalog's findings
    uint64_t events = 0;
};

class Visits {
  public:
    static constexpr std::chrono::minutes kPause{30};

    explicit Visits(Notebook& notebook) : notebook_(notebook) {}

    // Notes a look, and returns what `who` saw at the end of the visit before; nothing on the
    // first. Looks within a minute of each other are written once.
    Result<std::optional<Mark>> look(std::string_view who, const Mark& now);

    // The same without noting anything.
    Result<std::optional<Mark>> before(std::string_view who);

  private:
    Notebook& notebook_;
};

}  // namespace yagura::console
