#include "match/regex.h"

#include <string>
#include <unordered_map>

#include <re2/re2.h>

#include "base/hash.h"

namespace yagura::match {
namespace {

constexpr int64_t kMaxRegexBytes = 4 << 20;    // program and automaton together
constexpr size_t kMaxPatternBytes = 64 << 10;  // RE2's parser takes memory in proportion
constexpr size_t kMaxKept = 2000;

std::unique_ptr<re2::RE2> compile(std::string_view pattern) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kMaxRegexBytes);
    // An over-long pattern becomes one that is refused, so that callers need no second state.
    const std::string_view kept = pattern.size() > kMaxPatternBytes ? "(" : pattern;
    return std::make_unique<re2::RE2>(re2::StringPiece(kept.data(), kept.size()), options);
}

}  // namespace

Regex::Regex(std::string_view pattern) : re_(compile(pattern)) {}
Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;

bool Regex::is_valid() const {
    return re_->ok();
}

bool Regex::search(std::string_view text) const {
    return re_->ok() && re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *re_);
}

const Regex& regex_for(std::string_view pattern) {
    static thread_local std::unordered_map<std::string, Regex, TextHash, std::equal_to<>> kept;
    if (const auto found = kept.find(pattern); found != kept.end()) return found->second;
    if (kept.size() >= kMaxKept) kept.clear();
    return kept.emplace(std::string(pattern), Regex(pattern)).first->second;
}

}  // namespace yagura::match
