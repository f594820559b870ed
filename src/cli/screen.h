// The person's side of a command: complaints, the terminal's size and colours, Ctrl+C and progress.
//
//   Interrupt interrupt;  // until destroyed, Ctrl+C sets a flag instead of killing
//   options.workers.stop = interrupt.flag();
//
//   ProgressLine progress(session);  // draws nothing unless standard error is a terminal
//   options.workers.on_progress = [&](const auto& state) { progress.show(state); };
#pragma once

#include <atomic>
#include <chrono>
#include <string_view>

#include "base/result.h"
#include "cli/command.h"
#include "pipeline/workers.h"
#include "report/terminal.h"

namespace yagura::cli {

// "yagura: <sentence>" on standard error.
void complain(std::string_view sentence);
inline void complain(const Error& error) {
    complain(error.sentence());
}

// A sentence on standard error that comes after all that standard output was given so far, also
// where both go to one file.
void remark(std::string_view sentence);

// Width and colours of the terminal behind `file` (1 or 2); 100 columns without colour when it is
// none.
report::Terminal terminal_of(int file, const Session& session);

// SIGINT and SIGTERM set the flag; a second one ends the program at once. One at a time.
class Interrupt {
  public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    const std::atomic<bool>* flag() const;
    bool is_set() const { return flag()->load(); }
    bool was_terminated() const;  // by SIGTERM, how services are ended
};

// SIGHUP, by which services are told to read their files again. One at a time.
class Hangup {
  public:
    Hangup();
    ~Hangup();
    Hangup(const Hangup&) = delete;
    Hangup& operator=(const Hangup&) = delete;

    // True once after each.
    bool take() const;
};

// One line on standard error that is redrawn in place and gone when done:
//   ██████░░░░  45%  123/270 files · 1,204,311 records · 210,000/s · 0:12 left
class ProgressLine {
  public:
    explicit ProgressLine(const Session& session);
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const pipeline::Progress& progress);
    void clear();

  private:
    bool enabled_;
    bool drawn_ = false;
    size_t width_;
    std::chrono::steady_clock::time_point start_;
};

// The text of the line, for tests. `seconds` since the start.
std::string progress_text(const pipeline::Progress& progress, double seconds, size_t width);

}  // namespace yagura::cli
