// Correlations as text: what is read from them, what is refused, and what they refer to.
#include "rule/asking.h"
#include "rule/folder.h"

using namespace yagura;
using namespace yagura::test;
using match::Condition;
using match::Correlation;
using match::CorrelationType;
using match::Threshold;
using match::WindowKind;
using Lines = std::vector<std::string>;

namespace {

std::string base_rule(std::string_view name) {
    return fmt::format(
        "title: Title of {0}\nid: id-{0}\nname: {0}\nlogsource: {{product: aws, service: "
        "cloudtrail}}\ndetection: {{s: {{eventName: {0}}}, condition: s}}\n---\n",
        name);
}

// The lines of a correlation section, whose first one is line 4 of the document.
std::string correlation(std::string_view name, std::string_view lines) {
    return fmt::format(
        "title: Title of {0}\nid: id-{0}\nname: {0}\ncorrelation: {{{1}}}\n---\n", name, lines);
}

// Rules a, b and c, then the correlations.
rule::RuleSet load_text(std::string_view correlations, bool lint = false) {
    const Folder folder;
    folder.write("x.yml", base_rule("a") + base_rule("b") + base_rule("c"));
    folder.write("y.yml", correlations);
    return load({.added = {folder.path()}, .warnings = lint});
}

Correlation read_one(std::string_view lines) {
    const auto set = load_text(correlation("k", lines));
    CAPTURE(lines);
    CHECK(lines_of(set.quarantined) == Lines{});
    REQUIRE(set.correlations.size() == 1);
    return set.correlations[0];
}

// The errors of one correlation, without "y.yml:".
Lines refusal(std::string_view lines) {
    const auto set = load_text(correlation("k", lines));
    CHECK(set.correlations.empty());
    CHECK(set.quarantined_count == 1);
    Lines out = lines_of(set.quarantined);
    for (std::string& line : out) line.erase(0, 6);
    return out;
}

constexpr int64_t kSecond = 1'000'000;

}  // namespace

TEST_CASE("an event count is read with its keys, span and bound") {
    const Correlation read = read_one(
        "type: event_count, rules: [a, id-b], group-by: [sourceIPAddress, userIdentity.arn], "
        "timespan: 15m, condition: {gte: 10}");
    CHECK(read.info.title == "Title of k");
    CHECK(read.info.line == 1);
    CHECK(read.type == CorrelationType::event_count);
    REQUIRE(read.references.size() == 2);
    CHECK(read.references[0].name == "a");
    CHECK(read.references[0].rules == std::vector<uint32_t>{0});
    CHECK(read.references[1].rules == std::vector<uint32_t>{1});
    CHECK(read.references[1].group_by == Lines{"sourceIPAddress", "userIdentity.arn"});
    CHECK(read.group_by == Lines{"sourceIPAddress", "userIdentity.arn"});
    CHECK(read.timespan == 900 * kSecond);
    REQUIRE(read.thresholds.size() == 1);
    CHECK(read.thresholds[0].kind == Threshold::Kind::greater_equal);
    CHECK(read.thresholds[0].value == 10);
    CHECK(read.window == WindowKind::sliding);
    CHECK_FALSE(read.condition);
    CHECK_FALSE(read.generate);
    CHECK_FALSE(read.missing_is_a_group);
}

TEST_CASE("every type has its name, and a text stands for a list of one") {
    const auto type_of = [](const std::string& rest) {
        return read_one("rules: a, timespan: 1d, " + rest).type;
    };
    CHECK(type_of("type: value_count, condition: {gt: 3, field: eventName}") ==
          CorrelationType::value_count);
    CHECK(type_of("type: temporal") == CorrelationType::temporal);
    CHECK(type_of("type: temporal_ordered") == CorrelationType::temporal_ordered);
    CHECK(type_of("type: value_sum, condition: {gt: 3, field: x}") == CorrelationType::value_sum);
    CHECK(type_of("type: value_avg, condition: {gt: 3, field: x}") == CorrelationType::value_avg);
    CHECK(type_of("type: value_median, condition: {gt: 3, field: x}") ==
          CorrelationType::value_median);
    CHECK(type_of("type: value_percentile, condition: {gt: 3, field: x, percentile: 99.5}") ==
          CorrelationType::value_percentile);
}

TEST_CASE("bounds may be fractions and ranges") {
    const Correlation read = read_one(
        "type: value_avg, rules: a, timespan: 1h, condition: {field: x, gt: 0.5, lte: 100, neq: "
        "-7}");
    REQUIRE(read.thresholds.size() == 3);
    const auto holds = [&](double measured) {
        return std::all_of(read.thresholds.begin(), read.thresholds.end(), [&](const auto& bound) {
            return bound.holds(measured);
        });
    };
    CHECK(holds(0.6));
    CHECK_FALSE(holds(0.5));
    CHECK(read.references[0].value_fields == Lines{"x"});
}

TEST_CASE("a distinct count may be of several fields together") {
    const Correlation read = read_one(
        "type: value_count, rules: [a, b], timespan: 1h, condition: {gte: 3, field: [eventName, "
        "awsRegion]}");
    CHECK(read.references[1].value_fields == Lines{"eventName", "awsRegion"});
    CHECK(read.group_by.empty());
}

TEST_CASE("spans of time take every unit") {
    const auto span = [](const std::string& text) {
        return read_one("type: temporal, rules: [a, b], timespan: " + text).timespan / kSecond;
    };
    CHECK(span("30s") == 30);
    CHECK(span("5m") == 300);
    CHECK(span("2h") == 7200);
    CHECK(span("1d") == 86'400);
    CHECK(span("1w") == 604'800);
    CHECK(span("1M") == 2'629'746);
    CHECK(span("1y") == 31'556'952);
    const auto fails = [](const std::string& text) {
        return refusal("type: temporal, rules: [a, b], timespan: " + text)[0];
    };
    CHECK(
        fails("300") ==
        "4:56: '300' is not a span of time (the unit is missing: 300s are seconds, 300m minutes)");
    for (const char* text :
         {"0s", "-1m", "1.5h", "m", "5 m", "5x", "9999y", "99999999999s", "[5m]"}) {
        CAPTURE(text);
        CHECK(fails(text).find("is not a span of time (write a whole number and s, m, h, d, w, M "
                               "or y, such as 15m)") != std::string::npos);
    }
}

TEST_CASE("windows, gaps, generation and the group of events without a key are extensions") {
    const Correlation read = read_one(
        "type: event_count, rules: a, timespan: 1h, condition: {gte: 2}, window: session, gap: "
        "5m, generate: true, null-group: yes");
    CHECK(read.window == WindowKind::session);
    CHECK(read.gap == 300 * kSecond);
    CHECK(read.generate);
    CHECK(read.missing_is_a_group);
    const std::string start = "type: event_count, rules: a, timespan: 1h, condition: {gte: 2}, ";
    CHECK(read_one(start + "window: tumbling").window == WindowKind::tumbling);
    CHECK(refusal(start + "window: slide") ==
          Lines{"4:87: unknown window 'slide'; it is sliding, tumbling or session"});
    CHECK(refusal(start + "window: session") == Lines{"4:14: 'gap' is missing"});
    CHECK(refusal(start + "gap: 5m") == Lines{"4:84: 'gap' belongs to window: session"});
    CHECK(refusal(start + "window: session, gap: 2h") ==
          Lines{"4:101: 'gap' is longer than 'timespan'"});
    CHECK(refusal(start + "generate: 1") ==
          Lines{"4:89: 'generate' is true or false, not a number"});
}

TEST_CASE("a temporal condition is written over the names of the rules") {
    const Correlation read = read_one(
        "type: temporal, rules: [a, id-b, c], timespan: 1h, condition: 'a and not (id-b or c)'");
    REQUIRE(read.condition);
    CHECK(read.condition->kind == Condition::Kind::all);
    REQUIRE(read.condition->children.size() == 2);
    CHECK(read.condition->children[0].predicate == 0);
    CHECK(read.condition->children[1].kind == Condition::Kind::negation);
    CHECK(read.condition->children[1].children[0].children[1].predicate == 2);
}

TEST_CASE("without a list, the rules are those the temporal condition names") {
    const Correlation read =
        read_one("type: temporal, timespan: 1h, condition: 'b and not (a and b)'");
    REQUIRE(read.references.size() == 2);
    CHECK(read.references[0].name == "b");
    CHECK(read.references[1].name == "a");
    CHECK(read.condition->children[0].predicate == 0);
}

TEST_CASE("a temporal condition must use the rules, all of them and no others") {
    const std::string start = "type: temporal, rules: [a, b], timespan: 1h, condition: ";
    CHECK(refusal(start + "a") ==
          Lines{"4:42: 'b' is listed in 'rules' but not used by the condition"});
    CHECK(refusal(start + "a and c")[0].find("there is no search identifier 'c'") !=
          std::string::npos);
    CHECK(refusal("type: event_count, rules: a, timespan: 1h, condition: a")[0].find(
              "is a map such as 'gte: 10'") != std::string::npos);
}

TEST_CASE("temporal rules may count how many were seen") {
    const Correlation read =
        read_one("type: temporal, rules: [a, b, c], timespan: 1h, condition: {gte: 2}");
    REQUIRE(read.thresholds.size() == 1);
    CHECK_FALSE(read.condition);
}

TEST_CASE("what is missing or misspelt is named with its place") {
    CHECK(refusal("rules: a, timespan: 1h, condition: {gte: 1}") ==
          Lines{"4:14: 'type' is missing"});
    CHECK(refusal("type: event_cont, rules: a, timespan: 1h, condition: {gte: 1}") ==
          Lines{"4:21: unknown correlation type 'event_cont' (did you mean 'event_count'?)"});
    CHECK(refusal("type: event_count, timespan: 1h, condition: {gte: 1}") ==
          Lines{"4:14: 'rules' is missing"});
    CHECK(refusal("type: event_count, rules: [], timespan: 1h, condition: {gte: 1}") ==
          Lines{"4:41: 'rules' names no rule"});
    CHECK(refusal("type: event_count, rules: a, condition: {gte: 1}") ==
          Lines{"4:14: 'timespan' is missing"});
    CHECK(refusal("type: event_count, rules: a, timespan: 1h") ==
          Lines{"4:14: 'condition' is missing"});
    CHECK(refusal("type: event_count, rules: a, timespan: 1h, condition: {field: x}").size() == 2);
    CHECK(refusal("type: event_count, rules: a, timespan: 1h, condition: {gte: x}") ==
          Lines{"4:75: 'x' is not a number"});
    CHECK(refusal("type: event_count, rules: a, timespan: 1h, condition: {gte: .inf}") ==
          Lines{"4:75: '.inf' is not a number"});
    CHECK(refusal("type: event_count, rules: a, timespan: 1h, condition: {get: 1, lt: 2}") ==
          Lines{"4:70: unknown key 'get' (did you mean 'gt'?)"});
    CHECK(refusal("type: event_count, rules: a, timespan: 1h, groupby: x, condition: {gte: 1}") ==
          Lines{"4:58: unknown key 'groupby' (did you mean 'group-by'?)"});
    CHECK(refusal("type: value_sum, rules: a, timespan: 1h, condition: {gte: 1}") ==
          Lines{"4:67: 'field' is missing"});
    CHECK(refusal("type: value_sum, rules: a, timespan: 1h, condition: {gte: 1, field: [x, y]}") ==
          Lines{"4:83: 'value_sum' takes one field"});
    CHECK(refusal("type: event_count, rules: a, timespan: 1h, group-by: [x, x], condition: {gte: "
                  "1}") == Lines{"4:72: 'x' is named twice"});
    CHECK(refusal("type: event_count, rules: [[a]], timespan: 1h, condition: {gte: 1}") ==
          Lines{"4:42: 'rules' takes text or a list of texts, not a list"});
}

TEST_CASE("a percentile says which one") {
    const std::string start = "type: value_percentile, rules: a, timespan: 1h, condition: ";
    CHECK(read_one(start + "{field: x, gt: 5, percentile: 95}").percentile == 95);
    CHECK(refusal(start + "{field: x, gt: 5}") ==
          Lines{"4:74: 'percentile' is missing (which percentile is compared, such as percentile: "
                "95)"});
    CHECK(refusal(start + "{field: x, gt: 5, percentile: 101}") ==
          Lines{"4:104: a percentile is between 0 and 100"});
    CHECK(
        refusal("type: event_count, rules: a, timespan: 1h, condition: {gte: 1, percentile: 5}") ==
        Lines{"4:90: 'percentile' belongs to value_percentile"});
}

TEST_CASE("aliases name a field in the words of each rule") {
    const Correlation read = read_one(
        "type: value_count, rules: [a, b, c], group-by: [user, awsRegion], timespan: 1h, "
        "condition: {gte: 2, field: what}, aliases: {user: {a: userName, id-b: "
        "userIdentity.userName}, what: {c: eventName}}");
    CHECK(read.group_by == Lines{"user", "awsRegion"});
    CHECK(read.references[0].group_by == Lines{"userName", "awsRegion"});
    CHECK(read.references[1].group_by == Lines{"userIdentity.userName", "awsRegion"});
    CHECK(read.references[2].group_by == Lines{"user", "awsRegion"});
    CHECK(read.references[0].value_fields == Lines{"what"});
    CHECK(read.references[2].value_fields == Lines{"eventName"});
    const std::string start = "type: temporal, rules: [a, b], timespan: 1h, group-by: u, aliases: ";
    CHECK(refusal(start + "{u: {c: x}}") ==
          Lines{"4:87: alias 'u' is for the rule 'c', which is not among 'rules'"});
    CHECK(refusal(start + "[u]")[0].find("aliases are written 'alias: {rule: field}'") !=
          std::string::npos);
    CHECK(refusal(start + "{u: {a: [x]}}").size() == 1);
}

TEST_CASE("a rule is named by id, by name, or with a warning by title") {
    const std::string text = correlation(
        "k", "type: temporal, rules: [id-a, b, Title of c], timespan: 1h, generate: true");
    const auto set = load_text(text, true);
    REQUIRE(set.correlations.size() == 1);
    CHECK(set.correlations[0].references[2].rules == std::vector<uint32_t>{2});
    const Lines warnings = lines_of(set.warnings);
    CHECK(std::count(warnings.begin(),
                     warnings.end(),
                     "y.yml:4:48: the rule 'Title of c' is named by its title; other Sigma tools "
                     "know ids and names only (write its id id-c)") == 1);
}

TEST_CASE("a name that nothing has, or several have, is refused with what is near") {
    CHECK(refusal("type: temporal, rules: [Title of d, zzzz], timespan: 1h") ==
          Lines{"4:39: no rule has the id, name or title 'Title of d' (did you mean 'Title of a'?)",
                "4:51: no rule has the id, name or title 'zzzz'"});
    const Folder folder;
    const std::string twin =
        "title: Twin\nid: {}\nlogsource: {{product: aws}}\ndetection: {{s: "
        "{{a: {}}}, condition: s}}\n";
    const auto first = folder.write("1.yml", fmt::format(fmt::runtime(twin), "t-1", "1"));
    const auto second = folder.write("2.yml", fmt::format(fmt::runtime(twin), "t-2", "2"));
    folder.write("3.yml", correlation("k", "type: temporal, rules: [Twin], timespan: 1h"));
    folder.write("4.yml",
                 fmt::format(fmt::runtime(twin), "t-4", "4") + "---\n" +
                     correlation("near", "type: temporal, rules: [Twin], timespan: 1h"));
    const auto set = load({.added = {folder.path()}});
    CHECK(lines_of(set.quarantined) ==
          Lines{"3.yml:4:39: 'Twin' names several rules: " + first.string() + ":1, " +
                second.string() + ":1, " + (folder.path() / "4.yml").string() + ":1"});
    REQUIRE(set.correlations.size() == 1);  // its own file's rule goes first
    CHECK(set.rules[set.correlations[0].references[0].rules[0]].info.id == "t-4");
}

TEST_CASE("a rule that could not be used takes the correlation over it along") {
    const std::string bad =
        "title: Bad\nid: bad-1\nname: bad\nlogsource: {product: "
        "aws}\ndetection: {s: {a|foo: b}, condition: s}\n---\n";
    const Folder folder;
    const auto file = folder.write("x.yml", bad);
    folder.write("y.yml",
                 correlation("k", "type: temporal, rules: [bad], timespan: 1h") +
                     correlation("l", "type: temporal, rules: [k], timespan: 1h"));
    const auto set = load({.added = {folder.path()}});
    CHECK(set.correlations.empty());
    CHECK(set.loaded == 0);
    CHECK(set.quarantined_count == 3);
    REQUIRE(set.quarantined.size() == 3);
    CHECK(set.quarantined[1].message ==
          "the rule 'bad' could not be used (" + file.string() + ":1)");
    CHECK(set.quarantined[2].message ==
          "the rule 'k' could not be used (" + (folder.path() / "y.yml").string() + ":1)");
}

TEST_CASE("a rule with several conditions is referred to as a whole") {
    const Folder folder;
    folder.write("x.yml",
                 "title: T\nid: t\nlogsource: {product: aws}\ndetection: {s: {a: b}, u: {a: c}, "
                 "condition: [s, u]}\n---\n" +
                     correlation("k", "type: temporal, rules: t, timespan: 1h"));
    const auto set = load({.added = {folder.path()}});
    REQUIRE(set.correlations.size() == 1);
    CHECK(set.correlations[0].references[0].rules == std::vector<uint32_t>{0, 1});
    CHECK(set.loaded == 2);
}

TEST_CASE("the same rule may be a step twice in a sequence, but is not counted twice") {
    CHECK(read_one("type: temporal_ordered, rules: [a, b, a], timespan: 1h").references.size() ==
          3);
    CHECK(refusal("type: event_count, rules: [a, id-a], timespan: 1h, condition: {gte: 1}") ==
          Lines{"4:45: 'a' and 'id-a' are the same rule"});
}

TEST_CASE("correlations over correlations come after them, whatever the order of reading") {
    const auto set = load_text(
        correlation("outer",
                    "type: temporal_ordered, rules: [inner, c], group-by: ip, aliases: "
                    "{ip: {inner: sourceIPAddress, c: sourceIPAddress}}, timespan: 1d") +
        correlation("inner",
                    "type: event_count, rules: [a, b], group-by: [sourceIPAddress, awsRegion], "
                    "timespan: 1h, condition: {gte: 5}"));
    CHECK(lines_of(set.quarantined) == Lines{});
    REQUIRE(set.correlations.size() == 2);
    CHECK(set.correlations[0].info.name == "inner");
    CHECK_FALSE(set.correlations[0].reports);
    CHECK(set.correlations[1].reports);
    CHECK(set.correlations[1].references[0].correlations == std::vector<uint32_t>{0});
    CHECK(set.correlations[1].references[0].rules.empty());
    CHECK(set.correlations[1].references[0].group_by == Lines{"sourceIPAddress"});
    CHECK(set.loaded == 5);
}

TEST_CASE("of a correlation, only its keys can be grouped by or counted") {
    const std::string inner =
        correlation("inner",
                    "type: event_count, rules: a, group-by: [awsRegion], timespan: 1h, condition: "
                    "{gte: 5}");
    const auto set =
        load_text(inner + correlation("outer",
                                      "type: value_count, rules: inner, group-by: userName, "
                                      "timespan: 1d, condition: {gte: 2, field: awsRegoin}"));
    CHECK(set.correlations.size() == 1);
    CHECK(lines_of(set.quarantined) ==
          Lines{"y.yml:9:58: the correlation 'Title of inner' has no key 'userName'; its keys are: "
                "awsRegion",
                "y.yml:9:109: the correlation 'Title of inner' has no key 'awsRegoin'; its keys "
                "are: awsRegion (did you mean 'awsRegion'?)"});
}

TEST_CASE("correlations in a circle are refused with the way round, and so is what stands above") {
    const auto set = load_text(correlation("k", "type: temporal, rules: [a, l], timespan: 1h") +
                               correlation("l", "type: temporal, rules: [k, m], timespan: 1h") +
                               correlation("m", "type: temporal, rules: b, timespan: 1h") +
                               correlation("n", "type: temporal, rules: k, timespan: 1h") +
                               correlation("o", "type: temporal, rules: o, timespan: 1h"));
    REQUIRE(set.correlations.size() == 1);
    CHECK(set.correlations[0].info.name == "m");
    const Lines errors = lines_of(set.quarantined);
    REQUIRE(errors.size() == 4);
    CHECK(errors[0] ==
          "y.yml:1:1: correlations refer to each other in a circle: Title of k → Title of l → "
          "Title of k");
    CHECK(errors[1] ==
          "y.yml:6:1: correlations refer to each other in a circle: Title of l → Title of k → "
          "Title of l");
    CHECK(errors[2].starts_with("y.yml:19:38: the rule 'k' could not be used"));
    CHECK(errors[3].find("Title of o → Title of o") != std::string::npos);
}

TEST_CASE("correlations refer to correlations ten levels deep and no deeper") {
    std::string text = correlation("k1", "type: temporal, rules: a, timespan: 1h");
    for (int i = 2; i <= 11; ++i)
        text += correlation(fmt::format("k{}", i),
                            fmt::format("type: temporal, rules: k{}, timespan: 1h", i - 1));
    const auto set = load_text(text);
    CHECK(set.correlations.size() == 10);
    CHECK(lines_of(set.quarantined) ==
          Lines{"y.yml:51:1: correlations refer to correlations deeper than 10 levels"});
}

TEST_CASE("a rule under a correlation reports on its own only when one correlation says so") {
    const auto set =
        load_text(correlation("k", "type: temporal, rules: [a, b], timespan: 1h") +
                      correlation("l", "type: temporal, rules: [b], timespan: 1h, generate: true"),
                  true);
    REQUIRE(set.rules.size() == 3);
    CHECK_FALSE(set.rules[0].reports);
    CHECK(set.rules[1].reports);
    CHECK(set.rules[2].reports);
    const Lines warnings = lines_of(set.warnings);
    CHECK(std::count(warnings.begin(),
                     warnings.end(),
                     "y.yml:4:39: 'Title of a' no longer reports on its own because of this "
                     "correlation (write 'generate: true' to keep it, 'generate: false' if that is "
                     "meant)") == 1);
}

TEST_CASE("a bundled correlation follows the id of a rule that was replaced") {
    const Folder ours, theirs;
    ours.write("x.yml",
               base_rule("a") + base_rule("b") +
                   correlation("k", "type: temporal, rules: [a, Title of b], timespan: 1h"));
    theirs.write("x.yml",
                 "title: Better\nid: id-a\nlogsource: {product: aws}\ndetection: {s: {x: y}, "
                 "condition: s}\n---\ntitle: Best\nid: id-b\nlogsource: {product: aws}\ndetection: "
                 "{s: {x: z}, condition: s}\n");
    const auto set = load({.bundled = {ours.path()}, .added = {theirs.path()}});
    CHECK(lines_of(set.quarantined) == Lines{});
    REQUIRE(set.correlations.size() == 1);
    CHECK(set.correlations[0].info.bundled);
    CHECK(set.rules[set.correlations[0].references[0].rules[0]].info.title == "Better");
    CHECK(set.rules[set.correlations[0].references[1].rules[0]].info.title == "Best");
    CHECK(set.replaced == 2);
}

TEST_CASE("an added correlation replaces the bundled one of its id; given twice it counts once") {
    const Folder ours, theirs;
    const std::string text = correlation("k", "type: temporal, rules: [a, b], timespan: 1h");
    ours.write("x.yml", base_rule("a") + base_rule("b") + text);
    theirs.write("1.yml", correlation("k", "type: temporal, rules: [b], timespan: 2h"));
    theirs.write("2.yml", correlation("k", "type: temporal, rules: [b], timespan: 2h"));
    theirs.write("3.yml", correlation("k", "type: temporal, rules: [b], timespan: 3h"));
    const auto set = load({.bundled = {ours.path()}, .added = {theirs.path()}});
    REQUIRE(set.correlations.size() == 1);
    CHECK(set.correlations[0].timespan == 7200 * kSecond);
    CHECK(set.replaced == 1);
    CHECK(set.repeated == 1);
    CHECK(set.quarantined_count == 1);
}

TEST_CASE("lint knows the fields of each referenced rule's log source") {
    const auto set =
        load_text(correlation("k",
                              "type: temporal, rules: a, timespan: 1h, generate: true, group-by: "
                              "[sourceIpAdress, awsRegion], aliases: {user: {a: x}}"),
                  true);
    CHECK(set.correlations.size() == 1);
    const Lines warnings = lines_of(set.warnings);
    CHECK(std::count(warnings.begin(),
                     warnings.end(),
                     "y.yml:4:82: no log of this log source has a field 'sourceIpAdress' (did you "
                     "mean 'sourceIPAddress'?)") == 1);
    CHECK(std::count_if(warnings.begin(), warnings.end(), [](const std::string& line) {
              return line.ends_with("alias 'user' is used neither by group-by nor by field");
          }) == 1);
}

TEST_CASE("a document is a rule or a correlation, not both") {
    CHECK(errors_of("title: T\ncorrelation: {type: temporal, rules: a, timespan: "
                    "1h}\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n") ==
          Lines{"4:12: a document is a rule or a correlation, not both"});
    CHECK(errors_of("title: T\ncorrelation: [a]\n") ==
          Lines{"2:14: 'correlation' must be a map, not a list"});
}
