// Everything the console keeps beside a lake, in one place: what the API works with.
//
//   YAGURA_TRY(auto console, Console::open(lake));
//   console->triage.act(…); console->board.sight(who.accounts, now);
//
// Made once by whoever serves a lake; all of it may be used from any thread.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "console/aliases.h"
#include "console/board.h"
#include "console/buckets.h"
#include "console/exceptions.h"
#include "console/notebook.h"
#include "console/query_history.h"
#include "console/triage.h"
#include "console/views.h"
#include "console/visits.h"

namespace yagura::console {

class Console {
    std::unique_ptr<Notebook> notebook_;  // before those who use it

  public:
    // Makes LAKE/console when it is missing; the lake itself may come later.
    static Result<std::unique_ptr<Console>> open(const std::filesystem::path& lake);

    Triage triage;
    Aliases aliases;
    Views views;
    QueryHistory history;
    Visits visits;
    Buckets buckets;
    ExceptionBook exceptions;
    FindingBoard board;

  private:
    Console(const std::filesystem::path& lake, std::unique_ptr<Notebook> notebook);
};

}  // namespace yagura::console
