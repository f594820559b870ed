// The diagnostics of one file while it is read: where each came from is said once, here.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/diagnostic.h"

namespace yagura::rule {

// Line and column count from 1, columns in code points; {0, 0} is the file as a whole.
struct Position {
    uint32_t line = 0;
    uint32_t column = 0;
};

class Problems {
  public:
    explicit Problems(std::string file) : file_(std::move(file)) {}

    void error(Position at, std::string message, std::string hint = "") {
        ++errors_;
        add(at, Grade::error, std::move(message), std::move(hint));
    }
    void warn(Position at, std::string message, std::string hint = "") {
        add(at, Grade::warning, std::move(message), std::move(hint));
    }

    const std::string& file() const { return file_; }
    size_t errors() const { return errors_; }
    std::vector<Diagnostic> take() { return std::move(list_); }

  private:
    void add(Position at, Grade grade, std::string message, std::string hint) {
        list_.push_back({file_, at.line, at.column, grade, std::move(message), std::move(hint)});
    }

    std::string file_;
    size_t errors_ = 0;
    std::vector<Diagnostic> list_;
};

}  // namespace yagura::rule
