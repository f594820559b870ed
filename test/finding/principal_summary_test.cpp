#include "finding/principal_summary.h"

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

#include "finding/made_hits.h"
#include "finding/sensitive_api.h"

using namespace yagura;
using namespace yagura::finding;

namespace {

std::string told(const PrincipalSummary& summary) {
    std::string out;
    for (const SummarisedPrincipal& principal : summary.principals()) {
        out += std::string(principal.name) + " " + std::string(principal.account) + " " +
               std::to_string(principal.events) + " " + std::to_string(principal.failed) + " " +
               std::to_string(principal.first) + "\n";
        for (const auto& values : principal.values) {
            for (const AspectValue& value : values) {
                out += "  " + std::string(value.text) + " " + std::to_string(value.count) + " " +
                       std::to_string(value.first) + " " + std::to_string(value.last) + "\n";
            }
        }
    }
    return out;
}

}  // namespace

TEST_CASE("a principal's calls are counted by outcome, with first and last time") {
    MadeHits made;
    PrincipalSummary summary;
    summary.add(made.fill({.seconds = 30, .name = "CreateUser"}), made.type());
    summary.add(made.fill({.seconds = 10, .name = "CreateUser"}), made.type());
    summary.add(made.fill({.seconds = 20, .name = "CreateUser", .error_code = "AccessDenied"}),
                made.type());
    const auto principals = summary.principals();
    REQUIRE(principals.size() == 1);
    CHECK(principals[0].events == 3);
    CHECK(principals[0].failed == 1);
    REQUIRE(principals[0].of(Aspect::succeeded).size() == 1);
    CHECK(principals[0].of(Aspect::succeeded)[0].count == 2);
    CHECK(principals[0].of(Aspect::succeeded)[0].first == 10'000'000);
    CHECK(principals[0].of(Aspect::succeeded)[0].last == 30'000'000);
    CHECK(principals[0].of(Aspect::failed)[0].count == 1);
    CHECK(principals[0].of(Aspect::region)[0].text == "eu-west-1");
}

TEST_CASE("a sign-in that failed without an error code is a call that failed") {
    MadeHits made;
    PrincipalSummary summary;
    auto& event = made.fill({.name = "ConsoleLogin"});
    event.set(*made.type().dictionary().find("event_outcome"),
              event::ValueView::of_string("failure"));
    summary.add(event, made.type());
    REQUIRE(summary.principals().size() == 1);
    CHECK(summary.principals()[0].failed == 1);
    CHECK(summary.principals()[0].of(Aspect::succeeded).empty());
}

TEST_CASE("what a detection service said of a principal is no call of his") {
    const logtype::LogType& type = *logtype::find("guardduty");
    event::FieldPlan plan(type.dictionary());
    plan.freeze();
    event::Event event;
    event.reset(plan);
    const auto set = [&](int slot, std::string_view text) {
        event.set(static_cast<event::SlotId>(slot), event::ValueView::of_string(text));
    };
    set(type.roles.principal, "alice");
    set(type.roles.event_name, "Recon:IAMUser/TorIPCaller");
    PrincipalSummary summary;
    summary.add(event, type);
    REQUIRE(summary.principals().size() == 1);
    CHECK(summary.principals()[0].of(Aspect::succeeded).empty());
    CHECK(summary.principals()[0].of(Aspect::finding)[0].text == "Recon:IAMUser/TorIPCaller");
}

TEST_CASE("a security-relevant call that succeeded and failed is one kind of call") {
    MadeHits made;
    PrincipalSummary summary;
    for (const char* error : {"", "AccessDenied"}) {
        auto& event = made.fill({.name = "CreateUser", .error_code = error});
        event.set(static_cast<event::SlotId>(made.type().roles.event_source),
                  event::ValueView::of_string("iam.amazonaws.com"));
        summary.add(event, made.type());
    }
    REQUIRE(summary.principals().size() == 1);
    CHECK(summary.principals()[0].sensitive == 1);
}

TEST_CASE("workers' summaries add up to that of one, in any order") {
    MadeHits made;
    std::mt19937 random(5);
    std::vector<MadeEvent> events;
    for (int i = 0; i < 300; ++i) {
        MadeEvent event;
        event.seconds = static_cast<int64_t>(random() % 1000);
        event.principal = "user-" + std::to_string(random() % 5);
        event.name = random() % 2 ? "CreateUser" : "ListBuckets";
        event.error_code = random() % 3 ? "" : "AccessDenied";
        event.source_ip = "198.51.100." + std::to_string(random() % 7);
        events.push_back(event);
    }
    PrincipalSummary one;
    for (const MadeEvent& event : events) one.add(made.fill(event), made.type());
    std::shuffle(events.begin(), events.end(), random);
    PrincipalSummary parts[3];
    for (size_t i = 0; i < events.size(); ++i) parts[i % 3].add(made.fill(events[i]), made.type());
    PrincipalSummary sum;
    for (const PrincipalSummary& part : parts) sum.merge(part);
    CHECK(told(sum) == told(one));
}

TEST_CASE("more principals than the table holds are counted, not kept") {
    MadeHits made;
    PrincipalSummary summary;
    for (size_t i = 0; i < PrincipalSummary::kMaxPrincipals + 10; ++i) {
        summary.add(made.fill({.principal = "session-" + std::to_string(i)}), made.type());
    }
    CHECK(summary.principals().size() == PrincipalSummary::kMaxPrincipals);
    CHECK(summary.forgotten() == 10);
}

TEST_CASE("events that name nobody are counted apart") {
    MadeHits made;
    PrincipalSummary summary;
    summary.add(made.fill({.principal = ""}), made.type());
    CHECK(summary.principals().empty());
    CHECK(summary.without_principal() == 1);
}

TEST_CASE("security-relevant calls are sorted for searching and found with or without a version") {
    const auto rows = sensitive_apis();
    for (size_t i = 1; i < rows.size(); ++i) {
        CHECK_MESSAGE(std::pair(rows[i - 1].service, rows[i - 1].name) <
                          std::pair(rows[i].service, rows[i].name),
                      rows[i].name);
    }
    REQUIRE(find_sensitive_api("lambda", "UpdateFunctionCode20150331v2"));
    CHECK(find_sensitive_api("lambda", "UpdateFunctionCode20150331v2")->name ==
          "UpdateFunctionCode");
    CHECK(find_sensitive_api("iam", "CreateUser"));
    CHECK_FALSE(find_sensitive_api("s3", "CreateUser"));
    CHECK_FALSE(find_sensitive_api("iam", ""));
    CHECK(is_sensitive("iam:CreateUser"));
    CHECK_FALSE(is_sensitive("CreateUser"));
    CHECK(service_of("iam.amazonaws.com") == "iam");
}
