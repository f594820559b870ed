// The built program, run as a person runs it, in a folder of its own.
//
//   const Workshop shop;                       // the folder, gone when the test ends
//   shop.write("c.yaml", "threads: 2\n");
//   const Run run = shop.run("config check c.yaml", "YAGURA_THREADS=4");
//   run.exit_code, run.out, run.err
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include "support/folder.h"

namespace yagura::cli {

struct Run {
    int exit_code = -1;
    std::string out;
    std::string err;
};

inline bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

class Workshop {
  public:
    std::string path() const { return folder_.path(); }
    void write(const std::string& name, std::string_view text) const { folder_.write(name, text); }
    std::string read(const std::string& name) const { return folder_.read(name); }

    // In English unless --lang says otherwise; `environment` is "NAME=value …" for this run.
    Run run(const std::string& words, const std::string& environment = "") const {
        return shell(fmt::format("LC_ALL=C.UTF-8 {} '{}' {}", environment, YAGURA_PROGRAM, words));
    }
    Run shell(const std::string& command) const {
        const int status = std::system(
            fmt::format("cd '{}' && ( {} ) 2>.err >.out </dev/null", path(), command).c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(".out"), read(".err")};
    }

  private:
    test::Folder folder_;
};

}  // namespace yagura::cli
