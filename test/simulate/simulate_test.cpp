#include "simulate/simulate.h"

#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include <doctest/doctest.h>
#include <libdeflate.h>
#include <stdlib.h>

#include "simulate/actions.h"
#include "simulate/background.h"
#include "simulate/scenario.h"
#include "support/folder.h"

using namespace yagura;
using namespace yagura::simulate;
namespace fs = std::filesystem;

namespace {

using test::Folder;

std::string read_file(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

// Every file under `root` by its relative name.
std::map<std::string, std::string> read_tree(const fs::path& root) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (entry.is_regular_file())
            files[fs::relative(entry.path(), root).string()] = read_file(entry.path());
    }
    return files;
}

std::string gunzip(const std::string& bytes) {
    uint32_t size = 0;  // the last four bytes of a member: its length, least byte first
    for (size_t i = 0; i < 4; ++i)
        size |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[bytes.size() - 4 + i])) << (8 * i);
    std::string text(size, '\0');
    libdeflate_decompressor* decompressor = libdeflate_alloc_decompressor();
    const auto result = libdeflate_gzip_decompress(
        decompressor, bytes.data(), bytes.size(), text.data(), text.size(), nullptr);
    libdeflate_free_decompressor(decompressor);
    REQUIRE(result == LIBDEFLATE_SUCCESS);
    return text;
}

Plan small_plan(const fs::path& out) {
    Plan plan;
    plan.scenario = "key-leak";
    plan.seed = 11;
    plan.out = out;
    plan.days = 1;
    plan.accounts = 2;
    plan.events = 2'000;
    plan.threads = 2;
    return plan;
}

// A checker of JSON grammar, strict enough for text we wrote ourselves. Returns the end, or npos.
size_t skip_value(std::string_view text, size_t at, int depth = 0);

size_t skip_string(std::string_view text, size_t at) {
    if (at >= text.size() || text[at] != '"') return std::string_view::npos;
    for (++at; at < text.size(); ++at) {
        if (text[at] == '"') return at + 1;
        if (static_cast<uint8_t>(text[at]) < 0x20) return std::string_view::npos;
        if (text[at] == '\\') ++at;
    }
    return std::string_view::npos;
}

size_t skip_blanks(std::string_view text, size_t at) {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n')) ++at;
    return at;
}

size_t skip_items(std::string_view text, size_t at, char close, bool keyed, int depth) {
    at = skip_blanks(text, at + 1);
    if (at < text.size() && text[at] == close) return at + 1;
    while (at < text.size()) {
        if (keyed) {
            at = skip_blanks(text, skip_string(text, skip_blanks(text, at)));
            if (at >= text.size() || text[at] != ':') return std::string_view::npos;
            ++at;
        }
        at = skip_blanks(text, skip_value(text, skip_blanks(text, at), depth + 1));
        if (at >= text.size()) break;
        if (text[at] == close) return at + 1;
        if (text[at] != ',') break;
        ++at;
    }
    return std::string_view::npos;
}

size_t skip_value(std::string_view text, size_t at, int depth) {
    if (at >= text.size() || depth > 64) return std::string_view::npos;
    if (text[at] == '{') return skip_items(text, at, '}', true, depth);
    if (text[at] == '[') return skip_items(text, at, ']', false, depth);
    if (text[at] == '"') return skip_string(text, at);
    for (const std::string_view word : {"true", "false", "null"}) {
        if (text.substr(at, word.size()) == word) return at + word.size();
    }
    const size_t end = std::min(text.find_first_not_of("-0123456789.", at), text.size());
    return end == at ? std::string_view::npos : end;
}

bool is_json(std::string_view text) {
    const size_t end = skip_value(text, 0);
    return end != std::string_view::npos && skip_blanks(text, end) == text.size();
}

// Every value of "name":"…" in the text, in order.
std::vector<std::string> values_of(const std::string& text, const std::string& name) {
    std::vector<std::string> values;
    const std::string key = "\"" + name + "\":\"";
    for (size_t at = 0; (at = text.find(key, at)) != std::string::npos;) {
        at += key.size();
        values.push_back(text.substr(at, text.find('"', at) - at));
    }
    return values;
}

}  // namespace

TEST_CASE("the same plan writes the same bytes, whatever the number of threads") {
    const Folder folder;
    Plan plan = small_plan(folder.path() / "a");
    REQUIRE(simulate::simulate(plan));
    plan.out = folder.path() / "b";
    plan.threads = 1;
    REQUIRE(simulate::simulate(plan));
    const auto first = read_tree(folder.path() / "a");
    CHECK(first.size() > 100);
    CHECK(first == read_tree(folder.path() / "b"));
}

TEST_CASE("another seed writes another organisation") {
    const Folder folder;
    Plan plan = small_plan(folder.path() / "a");
    REQUIRE(simulate::simulate(plan));
    plan.out = folder.path() / "b";
    plan.seed = 12;
    REQUIRE(simulate::simulate(plan));
    CHECK(read_file(folder.path() / "a/ground-truth.json") !=
          read_file(folder.path() / "b/ground-truth.json"));
}

TEST_CASE("what is written is valid, named as AWS names it, and holds every true event once") {
    const Folder folder;
    const auto tally = simulate::simulate(small_plan(folder.path()));
    REQUIRE(tally);
    const std::regex cloudtrail(
        R"(AWSLogs/o-[a-z0-9]{10}/(\d{12})/CloudTrail/([a-z0-9-]+)/\d{4}/\d\d/\d\d/\1_CloudTrail_\2_\d{8}T\d{4}Z_[A-Za-z0-9]{16}\.json\.gz)");
    const std::regex flow(
        R"(AWSLogs/(\d{12})/vpcflowlogs/([a-z0-9-]+)/\d{4}/\d\d/\d\d/\1_vpcflowlogs_\2_fl-[0-9a-f]{17}_\d{8}T\d{4}Z_[0-9a-f]{8}\.log\.gz)");
    const std::regex guardduty(
        R"(AWSLogs/\d{12}/GuardDuty/[a-z0-9-]+/\d{4}/\d\d/\d\d/[0-9a-f-]{36}\.jsonl\.gz)");

    std::multiset<std::string> events, findings;
    for (const auto& [name, bytes] : read_tree(folder.path() / "logs")) {
        CAPTURE(name);
        const std::string text = gunzip(bytes);
        if (std::regex_match(name, cloudtrail)) {
            CHECK(is_json(text));
            CHECK(text.starts_with("{\"Records\":[{\"eventVersion\":"));
            for (std::string& id : values_of(text, "eventID")) events.insert(std::move(id));
        } else if (std::regex_match(name, guardduty)) {
            CHECK(text.ends_with("\n"));
            CHECK(is_json(text));  // one finding a file
            for (std::string& id : values_of(text, "id")) findings.insert(std::move(id));
        } else {
            CHECK(std::regex_match(name, flow));
            CHECK(text.starts_with("version account-id interface-id "));
        }
        // A $name left over would be a slot that does not exist.
        CHECK(!std::regex_search(text, std::regex(R"(\$\{?[a-z])")));
    }
    CHECK(events.size() == tally->events);

    const std::string truth = read_file(folder.path() / "ground-truth.json");
    CHECK(is_json(truth));
    const auto true_events = values_of(truth, "event_id");
    CHECK(true_events.size() == tally->incident_events);
    CHECK(true_events.size() > 300);
    for (const std::string& id : true_events) CHECK(events.count(id) == 1);
    const auto true_findings = values_of(truth, "finding_id");
    CHECK(true_findings.size() >= 6);
    for (const std::string& id : true_findings) CHECK(findings.count(id) == 1);
}

TEST_CASE("about as many events are written as were asked for") {
    const Folder folder;
    Plan plan = small_plan(folder.path());
    plan.events = 6'000;
    const auto tally = simulate::simulate(plan);
    REQUIRE(tally);
    CHECK(tally->events - tally->incident_events > 4'500);
    CHECK(tally->events - tally->incident_events < 8'000);
}

TEST_CASE("every scenario plays in the smallest organisation") {
    for (const Scenario& scenario : all_scenarios()) {
        CAPTURE(scenario.name);
        const Folder folder;
        Plan plan = small_plan(folder.path());
        plan.scenario = scenario.name;
        plan.accounts = 1;
        plan.events = 0;
        const auto tally = simulate::simulate(plan);
        REQUIRE(tally);
        CHECK(tally->incident_events > 0);
    }
}

TEST_CASE("existing logs are not mixed with new ones") {
    const Folder folder;
    fs::create_directories(folder.path() / "logs");
    const auto tally = simulate::simulate(small_plan(folder.path()));
    REQUIRE(!tally);
    CHECK(tally.error().code() == Code::invalid);
}

TEST_CASE("plans that make no sense are refused") {
    const Folder folder;
    Plan plan = small_plan(folder.path());
    plan.scenario = "key-leek";
    CHECK(simulate::simulate(plan).error().code() == Code::not_found);
    plan = small_plan(folder.path());
    plan.days = 0;
    CHECK(simulate::simulate(plan).error().code() == Code::invalid);
    plan = small_plan(folder.path());
    plan.accounts = 21;
    CHECK(simulate::simulate(plan).error().code() == Code::invalid);
    CHECK(!fs::exists(folder.path() / "logs"));
}

TEST_CASE("profiles name calls that exist") {
    for (const Profile& profile : all_profiles()) {
        CAPTURE(profile.name);
        CHECK(!profile.calls.empty());
        for (const Action* action : profile.calls) CHECK(action != nullptr);
    }
}
