#include "cli/screen.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/language.h"
#include "base/messages/scan.h"
#include "base/text.h"

namespace yagura::cli {
namespace {

std::atomic<bool> interrupted{false};
std::atomic<bool> terminated{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

// The next signal finds the default action again, so an impatient second Ctrl+C always works.
extern "C" void on_signal(int signal) {
    if (signal == SIGTERM) terminated.store(true);
    interrupted.store(true);
    std::signal(signal, SIG_DFL);
}

std::atomic<bool> hung_up{false};
extern "C" void on_hangup(int) {
    hung_up.store(true);
}

size_t columns_of(int file) {
    winsize size{};
    if (ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    const char* columns = std::getenv("COLUMNS");
    const int wanted = columns ? std::atoi(columns) : 0;
    return wanted > 0 ? static_cast<size_t>(wanted) : 100;
}

std::string clock_text(double seconds) {
    const auto whole = static_cast<uint64_t>(seconds + 0.5);
    if (whole >= 3600)
        return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

void complain(std::string_view sentence) {
    fmt::print(stderr, "yagura: {}\n", printable(sentence));
}

void remark(std::string_view sentence) {
    std::fflush(stdout);
    fmt::print(stderr, "{}\n", sentence);
}

report::Terminal terminal_of(int file, const Session& session) {
    return {columns_of(file), !session.no_color && isatty(file) != 0};
}

Interrupt::Interrupt() {
    interrupted.store(false);
    terminated.store(false);
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
}

Interrupt::~Interrupt() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

Hangup::Hangup() {
    hung_up.store(false);
    std::signal(SIGHUP, on_hangup);
}

Hangup::~Hangup() {
    std::signal(SIGHUP, SIG_DFL);
}

bool Hangup::take() const {
    return hung_up.exchange(false);
}

bool Interrupt::was_terminated() const {
    return terminated.load();
}

const std::atomic<bool>* Interrupt::flag() const {
    return &interrupted;
}

ProgressLine::ProgressLine(const Session& session)
    : enabled_(!session.quiet && isatty(STDERR_FILENO) != 0),
      width_(columns_of(STDERR_FILENO)),
      start_(std::chrono::steady_clock::now()) {}

void ProgressLine::show(const pipeline::Progress& progress) {
    if (!enabled_) return;
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    fmt::print(stderr, "\r\x1b[K{}", progress_text(progress, seconds, width_));
    std::fflush(stderr);
    drawn_ = true;
}

void ProgressLine::clear() {
    if (!drawn_) return;
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
    drawn_ = false;
}

std::string progress_text(const pipeline::Progress& progress, double seconds, size_t width) {
    constexpr size_t kBar = 20;
    // Bytes tell more than files, whose sizes differ; sizes are unknown for standard input.
    const auto part =
        static_cast<double>(progress.bytes ? progress.bytes_done : progress.objects_done);
    const auto whole = static_cast<double>(progress.bytes ? progress.bytes : progress.objects);
    const double share = whole > 0 ? std::min(1.0, part / whole) : 0;
    const auto full = static_cast<size_t>(share * kBar);
    std::string bar;
    for (size_t i = 0; i < kBar; ++i) bar += i < full ? "█" : "░";
    const auto rate =
        static_cast<uint64_t>(static_cast<double>(progress.records) / std::max(seconds, 0.001));
    std::string text = fmt::format("{} {:>3}%  {}",
                                   bar,
                                   static_cast<int>(share * 100),
                                   say(message::progress_counts,
                                       with_thousands(progress.objects_done),
                                       with_thousands(progress.objects),
                                       with_thousands(progress.records),
                                       with_thousands(rate)));
    if (share > 0.01 && seconds > 1)
        text += " · " + say(message::progress_left, clock_text(seconds * (1 - share) / share));
    return shorten(text, width > 1 ? width - 1 : width);
}

}  // namespace yagura::cli
