// Rules as people change them in the console.
#include "desk/desk.h"

#include "rule/folder.h"

using namespace yagura;
using namespace yagura::test;

namespace {

std::string correlation_text(std::string_view id, std::string_view rule) {
    return fmt::format(
        "title: Many {0}\nid: {0}\ncorrelation:\n    type: event_count\n    rules: {1}\n"
        "    group-by: [sourceIPAddress]\n    timespan: 5m\n    condition: {{gte: 3}}\n",
        id,
        rule);
}

// A desk over a folder of shipped rules, one of added rules and an empty one of its own.
struct Place {
    Folder shipped, added, lake;
    Timestamp now = from_micros(1'700'000'000'000'000);

    fs::path console() const { return lake.path() / "console"; }
    std::unique_ptr<desk::RuleDesk> open() {
        desk::Options options{.folder = console()};
        options.rules.bundled = {shipped.path()};
        options.rules.added = {added.path()};
        options.now = [this] { return now += std::chrono::seconds(1); };
        auto desk = desk::RuleDesk::open(options);
        REQUIRE(desk.has_value());
        return std::move(*desk);
    }
};

std::vector<std::string> ids_in_use(const desk::RuleDesk& desk) {
    std::vector<std::string> ids;
    for (const rule::KnownRule& rule : rule::known_rules(*desk.shelf()->in_use))
        ids.push_back(rule.info->id);
    return ids;
}

std::string title_of(const desk::RuleDesk& desk, std::string_view id) {
    const auto shelf = desk.shelf();
    const desk::Entry* entry = shelf->find(id);
    return entry ? entry->info().title : "none";
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("a saved rule is in use at once, and still there after a restart") {
    Place place;
    place.shipped.write("1.yml", rule_text("one", "A"));
    auto desk = place.open();
    uint64_t told = 0;
    desk->on_change([&](const auto& shelf) { told = shelf->revision; });
    const auto before = desk->shelf();
    const auto saved = desk->save({.id = "", .text = rule_text("two", "B"), .base = {}});
    REQUIRE(saved.has_value());
    CHECK(saved->done);
    CHECK(saved->id == "two");
    CHECK(ids_in_use(*desk) == Ids{"one", "two"});
    CHECK(told == desk->shelf()->revision);
    CHECK(before->entries.size() == 1);
    CHECK(fs::exists(place.console() / "rules" / "two.yml"));
    CHECK(ids_in_use(*place.open()) == Ids{"one", "two"});
}

TEST_CASE("a rule with a mistake is refused with its place, and nothing changes") {
    Place place;
    auto desk = place.open();
    const auto saved = desk->save({.id = "", .text = rule_text("x", "A") + "oops: [", .base = {}});
    REQUIRE(saved.has_value());
    CHECK_FALSE(saved->done);
    REQUIRE_FALSE(saved->notes.empty());
    CHECK(saved->notes[0].line >= 7);
    CHECK_FALSE(fs::exists(place.console() / "rules"));
    for (const char* hostile :
         {"", "\xFF\xFE", "- 1", "&a [*a]", "!!python/object {}", "title: x"}) {
        CAPTURE(hostile);
        const auto answer = desk->save({.id = "", .text = hostile, .base = {}});
        REQUIRE(answer.has_value());
        CHECK_FALSE(answer->done);
        CHECK_FALSE(answer->notes.empty());
    }
    const std::string huge(rule::kMaxYamlBytes + 1, ' ');
    CHECK(desk->save({.id = "", .text = huge, .base = {}}).error().code() == Code::limit);
}

TEST_CASE("an edited shipped rule replaces it until it is taken away") {
    Place place;
    place.shipped.write("1.yml", rule_text("one", "A"));
    auto desk = place.open();
    REQUIRE(desk->save({.id = "one", .text = rule_text("one", "B"), .base = {}})->done);
    CHECK(title_of(*desk, "one") == "T B");
    const auto shelf = desk->shelf();
    CHECK(shelf->find("one")->is_custom);
    REQUIRE(shelf->find("one")->original);
    CHECK(desk->original("one")->text == rule_text("one", "A"));
    REQUIRE(desk->remove("one")->done);
    CHECK(title_of(*desk, "one") == "T A");
    CHECK(desk->remove("one").error().code() == Code::forbidden);
    REQUIRE(desk->restore("one", "")->done);
    CHECK(title_of(*desk, "one") == "T B");
}

TEST_CASE("a rule of -r can be edited, too") {
    Place place;
    place.added.write("1.yml", rule_text("one", "A"));
    auto desk = place.open();
    REQUIRE(desk->save({.id = "one", .text = rule_text("one", "B"), .base = {}})->done);
    CHECK(title_of(*desk, "one") == "T B");
    CHECK(desk->shelf()->mistakes.empty());
}

TEST_CASE("who edits a version that is no longer there is told so") {
    Place place;
    auto desk = place.open();
    REQUIRE(desk->save({.id = "", .text = rule_text("one", "A"), .base = {}})->done);
    const std::string base = desk->source("one")->version;
    REQUIRE(desk->save({.id = "one", .text = rule_text("one", "B"), .base = base})->done);
    const auto late = desk->save({.id = "one", .text = rule_text("one", "C"), .base = base});
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().code() == Code::conflict);
    CHECK(title_of(*desk, "one") == "T B");
}

TEST_CASE("earlier versions can be looked at and taken up again, a deleted rule too") {
    Place place;
    auto desk = place.open();
    REQUIRE(desk->save({.id = "", .text = rule_text("one", "A"), .base = {}})->done);
    for (int i = 0; i < 25; ++i)
        REQUIRE(
            desk->save({.id = "one", .text = rule_text("one", fmt::format("B{}", i)), .base = {}})
                ->done);
    const auto versions = desk->versions("one").value();
    REQUIRE(versions.size() == desk::kMaxVersions);
    CHECK(desk->version_text("one", versions[0].name).value() == rule_text("one", "B23"));
    REQUIRE(desk->restore("one", versions[3].name)->done);
    CHECK(title_of(*desk, "one") == "T B20");
    REQUIRE(desk->remove("one")->done);
    CHECK(title_of(*desk, "one") == "none");
    REQUIRE(desk->restore("one", "")->done);
    CHECK(title_of(*desk, "one") == "T B20");
}

TEST_CASE("no id and no version leads out of the folder") {
    Place place;
    auto desk = place.open();
    const std::string id = "../../../tmp/evil";
    const auto saved = desk->save({.id = "", .text = rule_text("'" + id + "'", "A"), .base = {}});
    REQUIRE(saved.has_value());
    REQUIRE(saved->done);
    for (const auto& file : fs::recursive_directory_iterator(place.lake.path()))
        CHECK(file.path().string().find("evil") == std::string::npos);
    const auto shelf = desk->shelf();
    REQUIRE(shelf->find(id));
    CHECK(fs::path(shelf->find(id)->info().file).parent_path() == place.console() / "rules");
    for (const char* hostile : {"../one", "..", "/etc/passwd", ".hidden", "x.test.", ""}) {
        CAPTURE(hostile);
        CHECK_FALSE(desk->version_text(id, hostile).has_value());
        CHECK_FALSE(desk->source(hostile).has_value());
        CHECK(desk->versions(hostile)->empty());
    }
}

TEST_CASE("a disabled rule is out of use, and the file says who and why") {
    Place place;
    place.shipped.write("1.yml", rule_text("one", "A"));
    place.shipped.write("2.yml", rule_text("two", "B"));
    auto desk = place.open();
    REQUIRE(desk->disable("one", "alice", "too loud: \"x\"\n- rule: two \xE2\x80\xAE").has_value());
    CHECK(ids_in_use(*desk) == Ids{"two"});
    auto again = place.open();
    CHECK(ids_in_use(*again) == Ids{"two"});
    const auto shelf = again->shelf();
    const rule::Disabled* disabled = shelf->find("one")->disabled;
    REQUIRE(disabled);
    CHECK(disabled->who == "alice");
    CHECK(disabled->reason == "too loud: \"x\"\n- rule: two \xE2\x80\xAE");
    CHECK(to_micros(disabled->when) > 0);
    REQUIRE(again->enable("one").has_value());
    CHECK(ids_in_use(*again) == Ids{"one", "two"});
    CHECK(again->disable("nobody", "alice", "").error().code() == Code::not_found);
    CHECK(again->enable("nobody").error().code() == Code::not_found);
}

TEST_CASE("a disabled rule that a correlation needs goes on as a tag") {
    Place place;
    place.shipped.write("1.yml", rule_text("one", "A"));
    place.shipped.write("2.yml", correlation_text("many", "[one]") + "    generate: true\n");
    auto desk = place.open();
    REQUIRE(desk->disable("one", "alice", "").has_value());
    auto shelf = desk->shelf();
    REQUIRE(shelf->in_use->rules.size() == 1);
    CHECK_FALSE(shelf->in_use->rules[0].reports);
    REQUIRE(shelf->in_use->correlations.size() == 1);
    CHECK(shelf->in_use->correlations[0].references[0].rules == std::vector<uint32_t>{0});
    REQUIRE(shelf->find("one")->needed_by.size() == 1);
    CHECK(shelf->find("one")->needed_by[0]->info.id == "many");
    REQUIRE(desk->disable("many", "alice", "").has_value());
    shelf = desk->shelf();
    CHECK(shelf->in_use->rules.empty());
    CHECK(shelf->in_use->correlations.empty());
    CHECK(shelf->find("one")->needed_by.empty());
}

TEST_CASE("what fell silent for a correlation stays silent when that is disabled") {
    Place place;
    place.shipped.write("0.yml", rule_text("zero", "Z"));
    place.shipped.write("1.yml", rule_text("one", "A"));
    place.shipped.write("2.yml", correlation_text("many", "[one]"));
    auto desk = place.open();
    REQUIRE(desk->disable("many", "alice", "").has_value());
    REQUIRE(desk->disable("zero", "alice", "").has_value());
    const auto shelf = desk->shelf();
    REQUIRE(shelf->in_use->rules.size() == 1);
    CHECK(shelf->in_use->rules[0].info.id == "one");
    CHECK_FALSE(shelf->in_use->rules[0].reports);
}

TEST_CASE("a rule that a correlation names cannot be taken away or renamed from under it") {
    Place place;
    auto desk = place.open();
    REQUIRE(
        desk->save({.id = "", .text = rule_text("one", "A", "name: first\n"), .base = {}})->done);
    REQUIRE(desk->save({.id = "", .text = correlation_text("many", "[first]"), .base = {}})->done);
    const auto removed = desk->remove("one").value();
    CHECK_FALSE(removed.done);
    REQUIRE_FALSE(removed.notes.empty());
    CHECK(fs::path(removed.notes[0].file).filename() == "many.yml");
    const auto renamed =
        desk->save({.id = "one", .text = rule_text("one", "A", "name: other\n"), .base = {}})
            .value();
    CHECK_FALSE(renamed.done);
    CHECK(ids_in_use(*desk) == Ids{"one", "many"});
}

TEST_CASE("a file that got a mistake by hand keeps its rules, and says so") {
    Place place;
    auto desk = place.open();
    REQUIRE(desk->save({.id = "", .text = rule_text("one", "A"), .base = {}})->done);
    place.lake.write("console/rules/one.yml", "title: [");
    REQUIRE(desk->reload().has_value());
    auto shelf = desk->shelf();
    CHECK(title_of(*desk, "one") == "T A");
    CHECK_FALSE(shelf->find("one")->mistake.empty());
    CHECK(shelf->mistakes.size() == 1);
    CHECK(desk->source("one")->text == "title: [");
    REQUIRE(desk->save({.id = "one", .text = rule_text("one", "B"), .base = {}})->done);
    CHECK(desk->shelf()->find("one")->mistake.empty());
}

TEST_CASE("a list of disabled rules with a mistake is neither believed nor written over") {
    Place place;
    place.shipped.write("1.yml", rule_text("one", "A"));
    place.shipped.write("2.yml", rule_text("two", "B"));
    auto desk = place.open();
    REQUIRE(desk->disable("one", "alice", "").has_value());
    place.lake.write("console/disabled.yml", "- rule: two\n  when: yesterday\n");
    REQUIRE(desk->reload().has_value());
    CHECK(ids_in_use(*desk) == Ids{"two"});
    CHECK(desk->shelf()->mistakes.size() == 1);
    CHECK(desk->disable("two", "alice", "").error().code() == Code::conflict);
    place.lake.write("console/disabled.yml", "- rule: two\n");
    REQUIRE(desk->reload().has_value());
    CHECK(ids_in_use(*desk) == Ids{"one"});
}

TEST_CASE("a new rule gets an id, and an id that is taken is refused") {
    Place place;
    place.shipped.write("1.yml", rule_text("one", "A"));
    auto desk = place.open();
    std::string text = rule_text("x", "B");
    text.erase(text.find("id: x\n"), 6);
    const auto saved = desk->save({.id = "", .text = text, .base = {}}).value();
    REQUIRE(saved.done);
    CHECK(saved.id.size() == 36);
    CHECK(desk->source(saved.id)->text.find("\nid: " + saved.id + "\n") != std::string::npos);
    const auto taken = desk->save({.id = "", .text = rule_text("one", "C"), .base = {}});
    CHECK(taken.error().code() == Code::conflict);
    const auto other = desk->save({.id = "one", .text = rule_text("uno", "C"), .base = {}}).value();
    CHECK_FALSE(other.done);
}

TEST_CASE("several rules of one file are edited together") {
    Place place;
    place.shipped.write("1.yml",
                        rule_text("one", "A") + "---\n" + correlation_text("many", "[one]"));
    auto desk = place.open();
    const std::string edited = rule_text("one", "B") + "---\n" + correlation_text("many", "[one]");
    REQUIRE(desk->save({.id = "many", .text = edited, .base = {}})->done);
    CHECK(title_of(*desk, "one") == "T B");
    const std::string again = rule_text("one", "C") + "---\n" + correlation_text("many", "[one]");
    REQUIRE(desk->save({.id = "one", .text = again, .base = {}})->done);
    CHECK(title_of(*desk, "one") == "T C");
    CHECK_FALSE(fs::exists(place.console() / "rules" / "one.yml"));
    CHECK(desk->shelf()->mistakes.empty());
}

TEST_CASE("a Falco rule is known by its name, wherever it is edited") {
    Place place;
    const std::string falco =
        "- rule: Console login\n  desc: d\n  source: aws_cloudtrail\n"
        "  condition: ct.name = ConsoleLogin\n  output: login\n  priority: {}\n";
    place.added.write("f.yaml", fmt::format(fmt::runtime(falco), "NOTICE"));
    auto desk = place.open();
    const auto shelf = desk->shelf();
    REQUIRE(shelf->entries.size() == 1);
    CHECK(shelf->entries[0].kind == desk::Kind::falco);
    const std::string id = shelf->entries[0].info().id;
    REQUIRE(desk->save({.id = id, .text = fmt::format(fmt::runtime(falco), "CRITICAL"), .base = {}})
                ->done);
    CHECK(desk->shelf()->find(id)->info().priority == "Critical");
    CHECK(desk->shelf()->mistakes.empty());
}

TEST_CASE("lint says what saving would, with line and column") {
    Place place;
    place.shipped.write("1.yml", rule_text("one", "A"));
    auto desk = place.open();
    CHECK(desk->lint(rule_text("one", "B"), "one").size() > 0);  // missing level and so on
    std::string text = rule_text("new", "B");
    text.replace(text.find("eventName"), 9, "eventName|containz");
    const auto notes = desk->lint(text);
    const auto error = std::find_if(notes.begin(), notes.end(), [](const Diagnostic& note) {
        return note.grade == Grade::error;
    });
    REQUIRE(error != notes.end());
    CHECK(error->line == 5);
    CHECK(error->column > 1);
    CHECK(error->hint.find("contains") != std::string::npos);
    CHECK_FALSE(fs::exists(place.console()));
}

namespace {

std::string filter_text(std::string_view id) {
    return fmt::format(
        "title: Filter {0}\nid: {0}\nlogsource: {{product: aws, service: cloudtrail}}\nfilter:\n"
        "    rules: [one]\n    s: {{userAgent: ours}}\n    condition: not s\n",
        id);
}

const rule::Filter* filter_in_use(const desk::RuleDesk& desk) {
    const auto shelf = desk.shelf();
    return shelf->in_use->filters.empty() ? nullptr : &shelf->in_use->filters[0];
}

size_t predicates_of(const desk::RuleDesk& desk) {
    return desk.shelf()->in_use->rules.at(0).predicates.size();
}

}  // namespace

TEST_CASE("a filter that is switched off narrows nothing until it is switched on") {
    Place place;
    place.shipped.write("1.yml", rule_text("one", "A"));
    place.added.write("f.yml", filter_text("f"));
    auto desk = place.open();
    CHECK(predicates_of(*desk) == 2);
    REQUIRE(desk->disable("f", "alice", "too much").has_value());
    CHECK(predicates_of(*desk) == 1);
    REQUIRE(filter_in_use(*desk));
    CHECK(filter_in_use(*desk)->is_off);
    const auto shelf = desk->shelf();
    REQUIRE(shelf->find("f"));
    REQUIRE(shelf->find("f")->disabled);
    CHECK(shelf->find("f")->disabled->reason == "too much");
    CHECK(shelf->find("one")->rule.filters.empty());
    CHECK(predicates_of(*place.open()) == 1);  // still, after a restart
    // A text is tried as the rules are, without it.
    std::string file;
    CHECK(desk->try_out(rule_text("one", "B"), "one", file).rules.at(0).predicates.size() == 1);
    REQUIRE(desk->enable("f").has_value());
    CHECK(predicates_of(*desk) == 2);
    CHECK_FALSE(desk->shelf()->find("f")->disabled);
    place.lake.write("console/disabled.yml", "- rule: f\n");  // by hand
    REQUIRE(desk->reload().has_value());
    CHECK(predicates_of(*desk) == 1);
}

TEST_CASE("a rule can be given another level here, and its own again") {
    Place place;
    place.shipped.write("1.yml", rule_text("one", "A", "level: medium\n"));
    auto desk = place.open();
    REQUIRE(
        desk->tune_level("one", match::Level::critical, "alice", "our crown jewels").has_value());
    const auto level = [](const desk::RuleDesk& of) {
        return of.shelf()->in_use->rules.at(0).info.level;
    };
    CHECK(level(*desk) == match::Level::critical);
    const auto shelf = desk->shelf();
    REQUIRE(shelf->find("one")->tuned);
    CHECK(shelf->find("one")->own_level == match::Level::medium);
    CHECK(shelf->find("one")->tuned->reason == "our crown jewels");
    CHECK(level(*place.open()) == match::Level::critical);
    REQUIRE(
        desk->save({.id = "one", .text = rule_text("one", "B", "level: low\n"), .base = {}})->done);
    CHECK(level(*desk) == match::Level::critical);
    CHECK(desk->shelf()->find("one")->own_level == match::Level::low);
    REQUIRE(desk->tune_level("one", std::nullopt, "alice", "").has_value());
    CHECK(level(*desk) == match::Level::low);
    CHECK_FALSE(desk->shelf()->find("one")->tuned);
    CHECK(desk->tune_level("none", match::Level::low, "alice", "").error().code() ==
          Code::not_found);
}

TEST_CASE("a list of levels with a mistake is neither believed nor written over") {
    Place place;
    place.shipped.write("1.yml", rule_text("one", "A"));
    auto desk = place.open();
    place.lake.write("console/levels.yml", "- rule: one\n  level: deafening\n");
    REQUIRE(desk->reload().has_value());
    CHECK(desk->shelf()->mistakes.size() == 1);
    CHECK(desk->problems().size() == 1);
    CHECK(desk->tune_level("one", match::Level::low, "alice", "").error().code() == Code::conflict);
    place.lake.write("console/levels.yml", "- rule: one\n  level: low\n");
    REQUIRE(desk->reload().has_value());
    CHECK(desk->shelf()->mistakes.empty());
    CHECK(desk->shelf()->in_use->rules.at(0).info.level == match::Level::low);
}

TEST_CASE("rules that only serve correlations are building blocks") {
    Place place;
    place.shipped.write("1.yml", rule_text("one", "A"));
    place.shipped.write("2.yml", rule_text("two", "B"));
    place.shipped.write("3.yml", correlation_text("many", "one"));
    auto desk = place.open();
    const auto shelf = desk->shelf();
    CHECK(shelf->find("one")->is_building_block());
    CHECK_FALSE(shelf->find("two")->is_building_block());
    CHECK_FALSE(shelf->find("many")->is_building_block());
    // Nobody is told of it, so a level would say nothing.
    CHECK(desk->tune_level("one", match::Level::low, "alice", "").error().code() ==
          Code::unsupported);
}
