// Exceptions, level changes and throttles, asked about single matches.
#include "match/policy.h"

#include <doctest/doctest.h>

#include "event/json_document.h"
#include "fixture.h"

namespace yagura::match {
namespace {

using namespace std::chrono_literals;

const Timestamp kNow = from_micros(1'700'000'000'000'000);

RuleInfo info_of(std::string id, std::string title, Level level) {
    RuleInfo info;
    info.id = std::move(id);
    info.title = std::move(title);
    info.level = level;
    info.tags = {"attack.persistence", "attack.t1098"};
    return info;
}

// One event in front of a judge.
class Court {
  public:
    explicit Court(Policy policy) : policy_(std::move(policy)) {
        type_.roles.source_ip = 3;
        judge_ = std::make_unique<Judge>(policy_, type_, rules_, kNow);
        plan_ = std::make_unique<event::FieldPlan>(dictionary_);
        judge_->want_fields(*plan_);
        plan_->freeze();
        tally.resize(policy_.exceptions.size());
    }

    event::Event& read(std::string_view json, Timestamp time = kNow) {
        text_ = event::PaddedText(json);
        event_.reset(*plan_);
        uint32_t at = 0;
        REQUIRE_FALSE(document_.index(text_.view()));
        REQUIRE_FALSE(walk_record(document_, at, event_));
        event_.time = time;
        return event_;
    }
    Verdict look(uint32_t rule, std::string_view json, Timestamp time = kNow) {
        return judge_->look(rule, read(json, time), tally);
    }

    ExceptionTally tally;

  private:
    Policy policy_;
    RuleInfo created_ = info_of("1111", "New key", Level::medium);
    RuleInfo deleted_ = info_of("2222", "Trail deleted", Level::high);
    std::vector<const RuleInfo*> rules_{&created_, &deleted_};
    logtype::LogType type_ = small_log_type(logtype::Shape::json);
    event::Dictionary dictionary_{kFields};
    std::unique_ptr<Judge> judge_;
    std::unique_ptr<event::FieldPlan> plan_;
    event::PaddedText text_;
    event::JsonDocument document_;
    event::Event event_;
};

constexpr std::string_view kInside =
    R"({"eventName":"CreateAccessKey","sourceIPAddress":"10.1.2.3"})";
constexpr std::string_view kOutside =
    R"({"eventName":"CreateAccessKey","sourceIPAddress":"192.0.2.9"})";

Exception office_exception() {
    Exception exception;
    exception.id = "office";
    exception.choice.rules = {"new*"};
    exception.choice.rules[0][3] = kAnyRun;
    exception.scope = rule_of({ask("source_ip", Op::cidr, {text("10.0.0.0/8")})}, holds(0));
    return exception;
}

TEST_CASE("an exception holds back the matches it covers and counts them") {
    Court court({.exceptions = {office_exception()}});
    const Verdict inside = court.look(0, kInside);
    REQUIRE(inside.exception);
    CHECK(inside.exception->id == "office");
    CHECK_FALSE(court.look(0, kOutside).exception);
    CHECK_FALSE(court.look(1, kInside).exception);  // another rule
    CHECK(court.tally == ExceptionTally{1});
}

TEST_CASE("an exception that only counts lets the match through") {
    Exception exception = office_exception();
    exception.only_counts = true;
    Court court({.exceptions = {exception}});
    CHECK_FALSE(court.look(0, kInside).exception);
    CHECK(court.tally == ExceptionTally{1});
}

TEST_CASE("an exception works within its time, and not once it has expired") {
    Exception night = office_exception();
    night.during = {kNow - 1h, kNow + 1h};
    Exception expired = office_exception();
    expired.expires = kNow;
    Court court({.exceptions = {night, expired}});
    CHECK(court.look(0, kInside, kNow).exception);
    CHECK_FALSE(court.look(0, kInside, kNow + 1h).exception);
    CHECK(court.tally == ExceptionTally{1, 0});
}

TEST_CASE("rules are chosen by id, title or tag") {
    const RuleInfo info = info_of("AbC", "New Key", Level::low);
    CHECK(RuleChoice{}.covers(info));
    CHECK(RuleChoice{.rules = {"abc"}}.covers(info));
    CHECK(RuleChoice{.rules = {"new key"}}.covers(info));
    CHECK(RuleChoice{.tags = {"attack.t1098"}}.covers(info));
    CHECK_FALSE(RuleChoice{.rules = {"new"}, .tags = {"attack.t1"}}.covers(info));
}

TEST_CASE("level changes apply in order and stay within the levels there are") {
    LevelChange up{
        .choice = {}, .scope = rule_of({}, constant(true)), .set = std::nullopt, .shift = 1};
    LevelChange outside{
        .choice = {},
        .scope = rule_of({ask("source_ip", Op::equals, {text("192.0.2.9")})}, holds(0)),
        .set = Level::low,
        .shift = 0};
    Court court({.changes = {up, up, outside}});
    CHECK(court.look(0, kInside).info->level == Level::critical);
    CHECK(court.look(1, kInside).info->level == Level::critical);
    CHECK(court.look(0, kOutside).info->level == Level::low);
    CHECK(court.look(0, kOutside).info->id == "1111");
}

TEST_CASE("a role a log type does not have has no value") {
    Exception exception = office_exception();
    exception.choice = {};
    exception.scope = rule_of({ask("account", Op::exists)}, holds(0));
    Court court({.exceptions = {exception}});
    CHECK_FALSE(court.look(0, kInside).exception);
}

}  // namespace
}  // namespace yagura::match
