// A lake with findings made by hand, without logs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "console/console.h"
#include "store/catalog.h"
#include "store/findings.h"
#include "support/folder.h"
#include "support/must.h"

namespace yagura::console {

using test::at;
using test::Folder;
using test::must;

inline const std::string kAccountA = "111111111111";
inline const std::string kAccountB = "222222222222";

struct Made {
    std::string rule = "rule-1";
    std::string account = kAccountA;
    std::string principal = "alice";
    std::string source_ip = "198.51.100.7";
    match::Level level = match::Level::medium;
    uint64_t count = 1;
    std::string first = "2026-11-20T10:00:00Z";
    std::string last = "2026-11-20T12:00:00Z";
    std::string tags = "attack.discovery attack.t1580";
    std::string object = "/logs/a.json";
};

inline store::KeptFinding finding_of(const Made& made) {
    store::KeptFinding out;
    out.rule_id = made.rule;
    out.account = made.account;
    out.principal = made.principal;
    out.source_ip = made.source_ip;
    out.level = made.level;
    out.title = "Title of " + made.rule;
    out.title_ja = "題名 " + made.rule;
    out.author = "somebody";
    out.tags = made.tags;
    out.count = made.count;
    out.first = at(made.first);
    out.last = at(made.last);
    out.samples = {{out.first, "cloudtrail", "event-1", made.object, 0}};
    return out;
}

// Adds findings to the lake's catalog, as a commit would.
inline void add_findings(const std::filesystem::path& lake, const std::vector<Made>& made) {
    auto catalog = must(store::Catalog::open(lake, true));
    store::Commit commit;
    for (const Made& one : made) commit.findings.push_back(finding_of(one));
    must(catalog.commit(commit));
}

inline Subject subject_of(const Sight& sight, std::string_view id) {
    const auto place = sight.find(id);
    REQUIRE(place);
    const BoardFinding& finding = sight.finding(*place);
    return {finding.id, key_of(finding.kept), finding.kept.count};
}

inline std::string id_of(const Made& made) {
    return finding_id(key_of(finding_of(made)));
}

}  // namespace yagura::console
