// Where an output goes: a file that appears whole or not at all, or standard output.
//
//   YAGURA_TRY(Output out, Output::open("result.csv"));   // "-": standard output
//   out.write(text); …
//   YAGURA_CHECK(out.close());
//
// A file is written under a temporary name beside it and renamed by close(); an Output that is
// destroyed without close() leaves nothing behind. Write errors are kept and returned by close().
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "base/result.h"

namespace yagura::report {

class Output {
  public:
    static Result<Output> open(const std::string& path);
    // Collects into `text` instead, which must outlive the Output.
    static Output into(std::string& text);

    Output(Output&& other) noexcept;
    Output& operator=(Output&& other) noexcept;
    ~Output();

    void write(std::string_view text);
    Result<void> close();

  private:
    Output() = default;
    void abandon();

    std::FILE* file_ = nullptr;
    std::string* text_ = nullptr;
    std::string path_;  // empty: standard output or text
    std::string temporary_;
    int error_ = 0;  // errno of the first failure
};

}  // namespace yagura::report
