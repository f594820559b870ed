#include "report/notices.h"

#include "base/messages/report.h"
#include "base/text.h"
#include "finding/severity.h"

namespace yagura::report {
namespace {

template <class... Args>
std::string sentence(const Text& message, Language language, const Args&... args) {
    return fmt::format(fmt::runtime(message.in(language)), args...);
}

}  // namespace

std::vector<std::string> notices_of(const ScanReport& report, Language language) {
    std::vector<std::string> notices;
    const auto tell = [&](const Text& message, uint64_t number) {
        notices.push_back(sentence(message, language, with_thousands(number)));
    };
    const finding::HitLimits& limits = report.hits.limits();
    if (limits.max_kept() > 0 && limits.floor() > limits.wanted()) {
        notices.push_back(sentence(message::tell_left_out,
                                   language,
                                   with_thousands(limits.max_kept()),
                                   finding::severity(limits.floor()).title.in(language)));
    }
    if (limits.max_kept() > 0 && limits.left_out())
        tell(message::tell_left_out_highest, limits.left_out());
    const finding::Undecided& undecided = report.totals.undecided;
    if (undecided.open_windows) tell(message::tell_open_windows, undecided.open_windows);
    if (undecided.left_out) tell(message::tell_no_room, undecided.left_out);
    if (report.throttled) tell(message::tell_throttled, report.throttled);
    if (report.hits.findings_overflowed())
        tell(message::tell_overflowed, finding::HitLimits::kMaxFindings);
    return notices;
}

std::string reason_of(const finding::QuarantinedPart& part, Language language) {
    std::string reason(fault_sentence(part.code, language));
    if (!part.detail.empty()) reason += ": " + part.detail;
    return reason;
}

std::string place_and_reason(const finding::QuarantinedPart& part, Language language) {
    std::string text;
    if (part.offset)
        text = sentence(message::tell_at_byte, language, with_thousands(part.offset)) + ": ";
    text += reason_of(part, language);
    if (part.count > 1)
        text += sentence(message::tell_so_often, language, with_thousands(part.count));
    return text;
}

const Text& state_of(const ExceptionUse& use) {
    if (use.is_expired) return message::tell_exception_expired;
    return use.exception->only_counts ? message::tell_exception_counts
                                      : message::tell_exception_holds;
}

}  // namespace yagura::report
