// The lines rules print about the events they match, for languages that have such lines (Falco).
//
//   std::optional<Printed> line = print(rule, event, object, ordinal);   // while the event lives
//   sort_printed(lines);                                                 // once all are there
//
// Made only when somebody asked for them: a line costs about as much as reading its event.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "event/event.h"
#include "match/ir.h"

namespace yagura::finding {

struct Printed {
    const match::RuleInfo* rule = nullptr;  // must outlive it
    Timestamp time{};
    std::string object;  // where the event was read, and
    uint64_t ordinal = 0;
    std::string text;    // the rule's template, filled; <NA> for an absent field
    std::string fields;  // {"ct.name":"CreateUser","ct.error":null}, the fields of the template
};

// No more lines than this are kept in one scan: the first in the order of sort_printed().
constexpr uint64_t kMaxPrinted = 500'000;

// Nullopt for a rule that prints none.
std::optional<Printed> print(const match::Rule& rule,
                             const event::Event& event,
                             std::string_view object,
                             uint64_t ordinal);

// By time, then rule, object and ordinal, whatever the order they came in.
void sort_printed(std::vector<Printed>& lines);

// Bounds the lines of all workers of a scan. Which are left out depends on the lines alone: each
// worker keeps its own first ones, among which the first of all must be.
struct PrintLimit {
    uint64_t most = kMaxPrinted;
    std::atomic<uint64_t> made = 0;           // lines there would be without a limit
    std::atomic<int64_t> latest = INT64_MAX;  // microseconds; later ones cannot be among the first
};

// The lines of one worker. The limit is shared and must outlive it.
class PrintedLines {
  public:
    explicit PrintedLines(PrintLimit& limit) : limit_(&limit) {}

    // Counts a line of an event of this time. False: it would be left out, so do not make it.
    bool wants(Timestamp time);
    void add(Printed line);
    std::vector<Printed>& lines() { return lines_; }

  private:
    PrintLimit* limit_;
    std::vector<Printed> lines_;  // at most twice the limit
};

// Sorts the lines of all workers and keeps the first `most`.
void keep_first_printed(std::vector<Printed>& lines, uint64_t most);

}  // namespace yagura::finding
