// Which lines of rules are kept when there are too many.
#include "finding/printed.h"

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

using namespace yagura;
using namespace yagura::finding;

namespace {

match::RuleInfo named(const char* title) {
    match::RuleInfo info;
    info.title = title;
    return info;
}

std::vector<std::string> kept(std::vector<Printed> lines, size_t workers, uint64_t most) {
    PrintLimit limit;
    limit.most = most;
    std::vector<PrintedLines> of(workers, PrintedLines(limit));
    for (size_t i = 0; i < lines.size(); ++i) {
        if (of[i % workers].wants(lines[i].time)) of[i % workers].add(std::move(lines[i]));
    }
    std::vector<Printed> all;
    for (PrintedLines& worker : of)
        std::move(worker.lines().begin(), worker.lines().end(), std::back_inserter(all));
    keep_first_printed(all, most);
    CHECK(limit.made == lines.size());
    std::vector<std::string> texts;
    for (const Printed& line : all) texts.push_back(line.text);
    return texts;
}

}  // namespace

TEST_CASE("the earliest lines are kept, whatever the order and the number of workers") {
    const match::RuleInfo rules[] = {named("a"), named("b")};
    std::vector<Printed> lines;
    for (int i = 0; i < 200; ++i) {
        lines.push_back({&rules[i % 2],
                         from_micros(i / 4),
                         "o",
                         static_cast<uint64_t>(i % 4),
                         std::to_string(i),
                         "{}"});
    }
    const std::vector<std::string> first = kept(lines, 1, 11);
    CHECK(first ==
          std::vector<std::string>{"0", "2", "1", "3", "4", "6", "5", "7", "8", "10", "9"});
    std::mt19937 random(7);
    for (const size_t workers : {1, 2, 3, 7}) {
        std::shuffle(lines.begin(), lines.end(), random);
        CHECK(kept(lines, workers, 11) == first);
    }
    CHECK(kept(lines, 2, 1000).size() == 200);
}
