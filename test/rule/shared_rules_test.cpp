// The public rules a deployment is likely to add, when they are at hand.
#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>

#include "rule/loader.h"

using namespace yagura;

namespace {

std::filesystem::path shared_rules() {
    const char* shared = std::getenv("YAGURA_SHARED");
    const std::filesystem::path root = shared
                                           ? std::filesystem::path(shared)
                                           : std::filesystem::path(YAGURA_SOURCE_DIR) / "../shared";
    return root / "data/rules";
}

}  // namespace

TEST_CASE("every public rule loads unless it needs what Sigma dropped or nobody filled in") {
    const std::filesystem::path root = shared_rules();
    if (!std::filesystem::exists(root)) {
        MESSAGE("public rules are not at hand: skipped");
        return;
    }
    const auto set = rule::load_rules({.bundled = {}, .added = {root / "sigma", root / "suzaku"}});
    REQUIRE(set.has_value());
    for (const Diagnostic& problem : set->quarantined) {
        const std::string text = to_string(problem);
        INFO(text);
        const bool known = problem.message.find("without 'timeframe'") != std::string::npos ||
                           problem.message.find("called 'near'") != std::string::npos ||
                           problem.message.find("placeholder %") != std::string::npos;
        CHECK(known);
    }
    MESSAGE(set->files,
            " files, ",
            set->loaded,
            " rules, ",
            set->quarantined_count,
            " quarantined, ",
            set->repeated,
            " repeated, ",
            set->skipped.size(),
            " correlations and filters");
    CHECK(set->loaded + set->quarantined_count + set->repeated + set->skipped.size() >= set->files);
}
