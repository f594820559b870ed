#include "store/row_buffer.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/hash.h"

using namespace yagura;
using namespace yagura::store;

TEST_CASE("texts whose hashes crowd are kept again rather than looked for among all of them") {
    std::vector<std::string> crowd;
    for (uint64_t number = 0; crowd.size() < 1000; ++number) {
        std::string text = fmt::format("agent-{}", number);
        if ((hash64(text) & 0xFFF0) == 0) crowd.push_back(std::move(text));
    }
    TextColumn column;
    for (int round = 0; round < 3; ++round) {
        for (const std::string& text : crowd) {
            column.add(text);
            column.add("other");
        }
    }
    CHECK(column.entry_count() > crowd.size() + 1);
    REQUIRE(column.codes().size() == 6 * crowd.size());
    for (size_t row = 0; row < column.codes().size(); ++row) {
        const std::string& meant = crowd[row / 2 % crowd.size()];
        REQUIRE(column.entry(column.codes()[row]) == (row % 2 == 0 ? meant : "other"));
    }
}
