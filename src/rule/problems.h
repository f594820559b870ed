// The diagnostics of one file while it is read: where each came from is said once, here. A file
// made to be wrong cannot cost much: beyond kMaxListed problems only their number is kept.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/language.h"
#include "base/messages/rule.h"
#include "rule/lints.h"

namespace yagura::rule {

// Line and column count from 1, columns in code points; {0, 0} is the file as a whole.
struct Position {
    uint32_t line = 0;
    uint32_t column = 0;
};

class Problems {
  public:
    static constexpr size_t kMaxListed = 100;  // errors, and as many warnings

    explicit Problems(std::string file, bool keep_warnings = true)
        : file_(std::move(file)), keep_warnings_(keep_warnings) {}

    void error(Position at, std::string message, std::string hint = "") {
        if (++errors_ <= kMaxListed) add(at, Grade::error, std::move(message), std::move(hint));
    }
    void warn(Lint lint, Position at, std::string message, std::string hint = "") {
        if (!keep_warnings_) return;
        if (++warnings_ > kMaxListed) return;
        add(at, Grade::warning, std::move(message), std::move(hint));
        list_.back().code = row_of(lint).code;
    }

    void warn(Position at, std::string message, std::string hint = "") {
        warn(Lint::doubtful, at, std::move(message), std::move(hint));
    }

    // "did you mean …?" from `names`, while there is room to say it.
    std::string nearest(std::string_view word, std::span<const std::string_view> names) const {
        const bool has_room = errors_ < kMaxListed && warnings_ < kMaxListed;
        return has_room ? suggest(word, names) : std::string();
    }

    const std::string& file() const { return file_; }
    size_t errors() const { return errors_; }

    std::vector<Diagnostic> take() {
        const auto count_unlisted = [&](size_t count, Grade grade) {
            if (count <= kMaxListed) return;
            add({}, grade, say(message::rule_more_problems, count - kMaxListed), "");
        };
        count_unlisted(errors_, Grade::error);
        count_unlisted(warnings_, Grade::warning);
        return std::move(list_);
    }

  private:
    void add(Position at, Grade grade, std::string message, std::string hint) {
        list_.push_back({file_, at.line, at.column, grade, std::move(message), std::move(hint)});
    }

    std::string file_;
    bool keep_warnings_;
    size_t errors_ = 0;
    size_t warnings_ = 0;
    std::vector<Diagnostic> list_;
};

}  // namespace yagura::rule
