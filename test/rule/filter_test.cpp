// Filters: what they add to which rules.
#include "base/text.h"
#include "rule/asking.h"
#include "rule/folder.h"

using namespace yagura;
using namespace yagura::test;
using Lines = std::vector<std::string>;

namespace {

constexpr std::string_view kRules =
    "title: Trail\nid: trail-1\nname: trail\nlogsource: {product: aws, service: "
    "cloudtrail}\ndetection:\n    selection_main: {eventName: A}\n    selection_more: {awsRegion: "
    "x}\n    condition: 1 of selection_*\n---\ntitle: Any\nid: any-1\nlogsource: {product: "
    "aws}\ndetection: {s: {eventName: A}, condition: s}\n---\ntitle: Other\nid: "
    "other-1\nlogsource: {product: windows}\ndetection: {s: {eventName: A}, condition: s}\n---\n";

// A filter over CloudTrail; the lines of `filter` begin in line 5.
std::string filter_text(std::string_view lines, std::string_view more = "") {
    std::string out =
        "title: Filter\nid: filter-1\nlogsource: {product: aws, service: cloudtrail}\nfilter:\n";
    for (std::string_view line : split(lines, '\n')) out += "    " + std::string(line) + "\n";
    return out + std::string(more);
}

rule::RuleSet load_text(std::string_view filter, bool lint = false) {
    const Folder folder;
    folder.write("x.yml", kRules);
    folder.write("y.yml", filter);
    return load({.added = {folder.path()}, .warnings = lint});
}

bool matches_one(const match::Rule& rule, std::string_view record) {
    return matches_rules({&rule}, record);
}

// Whether the rule "trail" still matches the record under the filter.
bool passes(std::string_view filter, std::string_view record) {
    const auto set = load_text(filter);
    CHECK(lines_of(set.quarantined) == Lines{});
    REQUIRE(set.rules.size() == 3);
    return matches_one(set.rules[0], record);
}

constexpr std::string_view kByBob = R"({"eventName":"A","userIdentity":{"userName":"bob"}})";
constexpr std::string_view kByEve = R"({"eventName":"A","userIdentity":{"userName":"eve"}})";

}  // namespace

TEST_CASE("a filter's condition is added as written") {
    const std::string leave_out = filter_text(
        "rules: [trail-1]\nselection: {userIdentity.userName: bob}\ncondition: not selection");
    CHECK_FALSE(passes(leave_out, kByBob));
    CHECK(passes(leave_out, kByEve));
    const std::string keep =
        filter_text("rules: trail\nselection: {userIdentity.userName: bob}\ncondition: selection");
    CHECK(passes(keep, kByBob));
    CHECK_FALSE(passes(keep, kByEve));
    CHECK_FALSE(passes(keep, R"({"eventName":"B","userIdentity":{"userName":"bob"}})"));
}

TEST_CASE("x-yagura-filter: suppress turns the condition around, aloud") {
    const std::string_view lines =
        "rules: any\nselection: {userIdentity.userName: bob}\ncondition: selection";
    CHECK_FALSE(passes(filter_text(lines, "x-yagura-filter: suppress\n"), kByBob));
    CHECK(passes(filter_text(lines, "x-yagura-filter: suppress\n"), kByEve));
    CHECK(passes(filter_text(lines, "x-yagura-filter: keep\n"), kByBob));
    CHECK(errors_of(filter_text(lines, "x-yagura-filter: supress\n")) ==
          Lines{"8:18: 'x-yagura-filter' is suppress or keep, not 'supress' (did you mean "
                "'suppress'?)"});
}

TEST_CASE("a quantifier inside a filter means the filter's own identifiers, not the rule's") {
    const std::string filter = filter_text(
        "rules: any\nselection_one: {userIdentity.userName: bob}\nselection_two: {sourceIPAddress: "
        "10.0.0.1}\ncondition: not 1 of selection_*");
    CHECK_FALSE(passes(filter, kByBob));
    CHECK_FALSE(passes(filter, R"({"eventName":"A","sourceIPAddress":"10.0.0.1"})"));
    CHECK(passes(filter, kByEve));
    CHECK(passes(filter, R"({"eventName":"B","awsRegion":"x"})"));
}

TEST_CASE("any, or an empty list, is every rule whose log source the filter's contains") {
    for (const char* rules : {"any", "Any", "[]"}) {
        const auto set = load_text(
            filter_text(fmt::format("rules: {}\nsel: {{a: b}}\ncondition: not sel", rules)));
        REQUIRE(set.filters.size() == 1);
        CHECK(set.filters[0].rules == 1);
        CHECK(set.rules[0].predicates.size() == 3);
        CHECK(set.rules[1].predicates.size() == 1);  // rules of all AWS logs are wider
        CHECK(set.rules[2].predicates.size() == 1);
    }
    std::string wide = filter_text("rules: any\nsel: {a: b}\ncondition: not sel");
    wide.replace(wide.find(", service: cloudtrail"), 21, "");
    CHECK(load_text(wide).filters[0].rules == 2);
}

TEST_CASE("a filter applies to each condition of a rule, and to first-seen rules, but once") {
    const Folder folder;
    folder.write("x.yml",
                 "title: T\nid: t-1\nname: t\nlogsource: {product: aws}\ndetection: {s: {a: b}, u: "
                 "{a: c}, condition: [s, u]}\nx-yagura: {first_seen: {fields: a}}\n");
    folder.write("y.yml",
                 "title: F\nlogsource: {product: aws}\nfilter: {rules: [t-1, t], no: {d: e}, "
                 "condition: not no}\n");
    const auto set = load({.added = {folder.path()}});
    REQUIRE(set.rules.size() == 2);
    CHECK(set.rules[0].predicates.size() == 2);
    CHECK(set.rules[1].predicates.size() == 2);
    CHECK(set.filters[0].rules == 1);
    CHECK(set.loaded == 1);
}

TEST_CASE("lint tells of filters that touch nothing, or may be meant the other way") {
    const auto warnings = [](std::string_view lines, std::string_view more = "") {
        Lines out;
        for (std::string& line : lines_of(load_text(filter_text(lines, more), true).warnings)) {
            if (line.starts_with("y.yml")) out.push_back(std::move(line));
        }
        return out;
    };
    const Lines ambiguous = warnings("rules: any\nsel: {eventName: b}\ncondition: sel");
    CHECK(ambiguous == Lines{"y.yml:7:16: the condition has no 'not': the rules will match only "
                             "where the filter matches (write 'not …' or 'x-yagura-filter: "
                             "suppress' to leave those events out, 'x-yagura-filter: keep' if it "
                             "is meant so)"});
    CHECK(warnings("rules: any\nsel: {eventName: b}\ncondition: sel", "x-yagura-filter: keep\n") ==
          Lines{});
    CHECK(warnings("rules: any\nsel: {eventName|neq: b}\ncondition: sel") == Lines{});
    CHECK(warnings("rules: trial-1\nsel: {eventName: b}\ncondition: not sel") ==
          Lines{"y.yml:1:1: the filter applies to no rule",
                "y.yml:5:12: no rule has the id, name or title 'trial-1' (did you mean "
                "'trail-1'?)"});
    CHECK(warnings("rules: other-1\nsel: {eventName: b}\ncondition: not sel")[1] ==
          "y.yml:5:12: the rule 'other-1' is not of the filter's log source");
    CHECK(
        warnings("rules: Trail\nsel: {eventNaem: b}\ncondition: not sel") ==
        Lines{"y.yml:5:12: the rule 'Trail' is named by its title; other Sigma tools know ids and "
              "names only (write its id trail-1)",
              "y.yml:6:11: no log of this log source has a field 'eventNaem' (did you mean "
              "'eventName'?)"});
}

TEST_CASE("filters never apply to correlations") {
    const std::string text =
        "title: K\nid: k-1\ncorrelation: {type: temporal, rules: trail-1, timespan: 1h}\n---\n" +
        filter_text("rules: [k-1]\nsel: {a: b}\ncondition: not sel");
    const auto set = load_text(text, true);
    CHECK(set.correlations.size() == 1);
    REQUIRE(set.filters.size() == 1);
    CHECK(set.filters[0].rules == 0);
    const Lines warnings = lines_of(set.warnings);
    CHECK(std::count(
              warnings.begin(),
              warnings.end(),
              "y.yml:9:13: 'k-1' is a correlation; filters apply to the rules it looks at") == 1);
}

TEST_CASE("a broken filter is set aside, and the rules stay as they are") {
    CHECK(errors_of(filter_text("sel: {a: b}\ncondition: not sel")) ==
          Lines{"5:5: 'rules' is missing"});
    CHECK(errors_of(filter_text("rules: any\nsel: {a: b}")) ==
          Lines{"5:5: 'condition' is missing"});
    CHECK(errors_of(filter_text("rules: any\nsel: {a: b}\ncondition: not sle")) ==
          Lines{"7:20: there is no search identifier 'sle' (did you mean 'sel'?)"});
    CHECK(errors_of(filter_text("rules: any\nsel: {a: b}\ncondition: [sel]")) ==
          Lines{"7:16: a condition must be text, not a list"});
    CHECK(errors_of("title: F\nlogsource: {product: aws}\nfilter: any\n") ==
          Lines{"3:9: 'filter' must be a map, not text"});
    CHECK(errors_of("title: F\nfilter: {rules: any, s: {a: b}, condition: not s}\n") ==
          Lines{"1:1: 'logsource' is missing"});
    const auto set = load_text(filter_text("rules: any\nsel: {a|foo: b}\ncondition: not sel"));
    CHECK(set.filters.empty());
    CHECK(set.quarantined_count == 1);
    CHECK(set.rules[0].predicates.size() == 2);
}

TEST_CASE("an added filter replaces the bundled one of its id") {
    const Folder ours, theirs;
    ours.write("x.yml", kRules);
    ours.write("y.yml", filter_text("rules: any\nsel: {a: b}\ncondition: not sel"));
    theirs.write("y.yml", filter_text("rules: any\nsel: {c: d}\nu: {e: f}\ncondition: not sel"));
    const auto set = load({.bundled = {ours.path()}, .added = {theirs.path()}});
    CHECK(set.replaced == 1);
    REQUIRE(set.filters.size() == 1);
    CHECK_FALSE(set.filters[0].info.bundled);
    REQUIRE(set.rules[0].predicates.size() == 3);
    CHECK(set.rules[0].predicates[2].field == "c");
}

TEST_CASE("a filter that would multiply beyond all bounds is refused") {
    std::string list;
    for (int i = 0; i < 90'000; ++i) list += fmt::format("{}v{}", i ? "," : "", i);
    std::string rules;
    for (int i = 0; i < 50; ++i)
        rules += fmt::format(
            "title: T{0}\nlogsource: {{product: aws, service: cloudtrail}}\ndetection: {{s: {{a: "
            "{0}}}, condition: s}}\n---\n",
            i);
    const Folder folder;
    folder.write("x.yml", rules);
    folder.write("y.yml", filter_text("rules: any\nsel: {a: [" + list + "]}\ncondition: not sel"));
    const auto set = load({.added = {folder.path()}});
    CHECK(set.loaded == 50);
    CHECK(lines_of(set.quarantined) == Lines{"y.yml:1:1: the filter is too large for 50 rules"});
    CHECK(set.rules[0].predicates.size() == 1);
}
