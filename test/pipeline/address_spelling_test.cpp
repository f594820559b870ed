// An IPv6 address has many spellings and is one address: rules over several events find the same in
// a scan, in a lake and in a lake that is served, which read it as it came or as a column keeps it.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/ip.h"
#include "pipeline/ingest.h"
#include "pipeline/live.h"
#include "pipeline/made.h"
#include "pipeline/scan.h"
#include "rule/loader.h"
#include "store/lake.h"
#include "support/must.h"

using namespace yagura;
using namespace yagura::pipeline;
using namespace std::chrono_literals;

namespace {

using test::must;

// The address as part of a key, as a key, as what is counted, and as what is seen first.
constexpr std::string_view kRules = R"(title: Users listed
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d31
name: users_listed
level: medium
logsource: {product: aws, service: cloudtrail}
detection:
    s: {eventName: ListUsers}
    condition: s
---
title: Users listed often from an address
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d32
name: often
level: high
correlation:
    type: event_count
    rules: [users_listed]
    group-by: [sourceIPAddress, userIdentity.userName]
    timespan: 4m
    condition: {gte: 3}
---
title: Users listed by many from an address
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d33
level: high
correlation:
    type: value_count
    rules: [users_listed]
    group-by: [sourceIPAddress]
    timespan: 90s
    condition: {field: userIdentity.userName, gte: 3}
---
title: Users listed from many addresses
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d34
level: high
correlation:
    type: value_count
    rules: [users_listed]
    group-by: [userIdentity.userName]
    timespan: 2m
    condition: {field: sourceIPAddress, gte: 4}
---
title: Users listed from a new address
id: 5b1d2f0e-8a53-4c57-9d0e-1f3a5b7c9d35
level: low
logsource: {product: aws, service: cloudtrail}
detection:
    s: {eventName: ListUsers}
    condition: s
x-yagura:
    first_seen:
        fields: [userIdentity.userName, sourceIPAddress]
        history: 2m
        learning: 1m
)";

// Any way RFC 4291 allows to write it.
std::string spelled(const IpAddress& address, std::mt19937_64& random) {
    std::vector<std::string> parts;
    for (size_t i = 0; i < 16; i += 2) {
        const unsigned part = address.bytes[i] * 256u + address.bytes[i + 1];
        const auto width = 1 + random() % 4;
        std::string text = fmt::format("{:0{}x}", part, width);
        for (char& c : text) {
            if (random() % 2 == 0 && c >= 'a') c = static_cast<char>(c - 'a' + 'A');
        }
        parts.push_back(text);
    }
    std::string tail;
    if (random() % 4 == 0) {
        tail = fmt::format("{}.{}.{}.{}",
                           address.bytes[12],
                           address.bytes[13],
                           address.bytes[14],
                           address.bytes[15]);
        parts.resize(6);
        parts.push_back(tail);
    }
    // One run of zeros, or a piece of one, may be left out.
    std::vector<std::pair<size_t, size_t>> runs;
    for (size_t from = 0; from < 6; ++from) {
        for (size_t to = from + 1; to <= 6; ++to) {
            if (parts[to - 1].find_first_not_of('0') != std::string::npos) break;
            runs.emplace_back(from, to);
        }
    }
    if (runs.empty() || random() % 4 == 0) return fmt::format("{}", fmt::join(parts, ":"));
    const auto [from, to] = runs[random() % runs.size()];
    return fmt::format("{}::{}",
                       fmt::join(parts.begin(), parts.begin() + static_cast<ptrdiff_t>(from), ":"),
                       fmt::join(parts.begin() + static_cast<ptrdiff_t>(to), parts.end(), ":"));
}

struct Logs {
    std::vector<std::string> plain, spelled;  // the same records, as lines
};

Logs made(uint64_t seed) {
    std::mt19937_64 random(seed);
    Logs logs;
    for (uint64_t i = 0; i < 300; ++i) {
        const std::string time = time_of_day(i * 6 + random() % 20);
        const std::string user = fmt::format("user{}", random() % 4);
        const std::string plain =
            random() % 9 == 0 ? "198.51.100.7"
                              : fmt::format("2001:db8:{}::{:x}", random() % 3, 10 * (random() % 3));
        const IpAddress address = *IpAddress::parse(plain);
        const std::string other = address.is_v4 ? plain : spelled(address, random);
        REQUIRE(IpAddress::parse(other) == address);
        Call call{.id = i, .time = time, .user = user, .address = plain};
        logs.plain.push_back(record_of(call) + "\n");
        call.address = other;
        logs.spelled.push_back(record_of(call) + "\n");
    }
    return logs;
}

rule::LoadOptions rules_of(const Folder& folder) {
    rule::LoadOptions load;
    load.added = {folder / "rules"};
    return load;
}

detect::RulesView view(const rule::RuleSet& rules) {
    return {rules.rules, rules.correlations, rules.first_seen};
}

std::string scanned(const std::string& logs, const rule::RuleSet& rules) {
    ScanOptions options;
    options.paths = {logs};
    const ScanResult result = must(scan(view(rules), options));
    std::vector<std::string> lines;
    const finding::StringPool& texts = result.hits.strings();
    for (const finding::Finding& f : result.hits.findings())
        lines.push_back(fmt::format("{} {} {} {} {} {}",
                                    result.hits.rules()[f.rule].rule->id,
                                    texts.text(f.principal),
                                    texts.text(f.source_ip),
                                    f.count,
                                    f.first,
                                    f.last));
    std::sort(lines.begin(), lines.end());
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string kept(const std::string& folder) {
    auto lake = must(store::Lake::open(folder));
    std::vector<std::string> lines;
    for (const store::KeptFinding& f : must(lake.catalog().findings()))
        lines.push_back(fmt::format("{} {} {} {} {} {}",
                                    f.rule_id,
                                    f.principal,
                                    f.source_ip,
                                    f.count,
                                    to_micros(f.first),
                                    to_micros(f.last)));
    std::sort(lines.begin(), lines.end());
    return fmt::format("{}", fmt::join(lines, "\n"));
}

// Waits for what must come.
template <class Done>
bool wait_for(const Done& done) {
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (!done()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

// In files of 20 lines.
std::vector<std::string> write(const Folder& folder, const std::vector<std::string>& lines) {
    std::vector<std::string> paths;
    for (size_t at = 0; at < lines.size(); at += 20) {
        std::string text;
        for (size_t i = at; i < std::min(at + 20, lines.size()); ++i) text += lines[i];
        const std::string name = fmt::format("logs/{:03}.json", at);
        folder.write(name, text);
        paths.push_back(folder / name);
    }
    return paths;
}

}  // namespace

TEST_CASE("an address is the same however it is spelled, in scan and lake") {
    for (uint64_t seed = 1; seed < 5; ++seed) {
        CAPTURE(seed);
        const Logs logs = made(seed);
        const Folder plain, folder;
        plain.write("rules/a.yml", kRules);
        const auto rules = must(rule::load_rules(rules_of(plain)));
        write(plain, logs.plain);
        const auto paths = write(folder, logs.spelled);
        const std::string wanted = scanned(plain / "logs", rules);
        for (const char* id : {"9d32", "9d33", "9d34", "9d35"})
            CHECK_MESSAGE(wanted.find(id) != std::string::npos, std::string(id));
        CHECK(scanned(folder / "logs", rules) == wanted);
        std::mt19937_64 random(seed);
        for (size_t at = 0; at < paths.size();) {
            const size_t end = std::min<size_t>(at + 1 + random() % 3, paths.size());
            IngestOptions options;
            options.lake = folder / "lake";
            options.paths = {paths.begin() + static_cast<ptrdiff_t>(at),
                             paths.begin() + static_cast<ptrdiff_t>(end)};
            options.workers.threads = 1;
            // As when it was killed before it could decide: the next one reads the rows.
            const bool is_cut_short = random() % 2 == 0 && end < paths.size();
            must(ingest(is_cut_short ? detect::RulesView(rules.rules) : view(rules), options));
            at = end;
        }
        CHECK(kept(folder / "lake") == wanted);
    }
}

TEST_CASE("an address is the same however it is spelled, in a lake that is served") {
    for (uint64_t seed = 1; seed < 3; ++seed) {
        CAPTURE(seed);
        const Logs logs = made(seed);
        const Folder plain, folder;
        for (const Folder* one : {&plain, &folder}) one->write("rules/a.yml", kRules);
        const auto rules = must(rule::load_rules(rules_of(plain)));
        write(plain, logs.plain);
        std::filesystem::create_directories(folder / "logs");
        LiveOptions options;
        options.lake = folder / "lake";
        options.watch = {folder / "logs"};
        options.rules = rules_of(folder);
        options.idle = 1h;
        options.lateness = 1min;
        auto live = must(LiveIngest::start(options));
        for (size_t at = 0; at < logs.spelled.size(); at += 20) {
            std::string text;
            for (size_t i = at; i < at + 20; ++i) text += logs.spelled[i];
            folder.append("logs/a.json", text);
            REQUIRE(wait_for([&] { return live->newsroom().counters().events_total == at + 20; }));
            if (at % 60 != 0) continue;
            live.reset();
            live = must(LiveIngest::start(options));
        }
        REQUIRE(live->settle(60s));
        live.reset();
        CHECK(kept(folder / "lake") == scanned(plain / "logs", rules));
    }
}
