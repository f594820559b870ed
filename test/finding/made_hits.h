// Matches made by hand: rules and events without parsing.
#pragma once

#include <deque>
#include <string>

#include "finding/hit.h"

namespace yagura::finding {

struct MadeEvent {
    int64_t seconds = 1'700'000'000;
    std::string name = "ListBuckets";
    std::string principal = "alice";
    std::string source_ip = "203.0.113.7";
    std::string account = "111122223333";
    std::string region = "eu-west-1";
    std::string error_code;
    std::string user_agent = "aws-cli/2.15";
    std::string object = "a.json";
    uint64_t ordinal = UINT64_MAX;  // the next free one
    std::string event_id;
    std::string bucket;  // named in a request to S3
};

// Gives events to collectors. One rule per (id, level, tags) must be made with rule() and outlives
// the test.
class MadeHits {
  public:
    MadeHits() : type_(*logtype::find("cloudtrail")), plan_(type_.dictionary()) { plan_.freeze(); }

    const match::RuleInfo& rule(const std::string& id,
                                match::Level level,
                                std::vector<std::string> tags = {}) {
        match::RuleInfo& made = rules_.emplace_back();
        made.id = id;
        made.title = "Title of " + id;
        made.author = "Author of " + id;
        made.level = level;
        made.tags = std::move(tags);
        return made;
    }
    match::RuleInfo& last_rule() { return rules_.back(); }

    event::Event& fill(const MadeEvent& made) {
        event_.reset(plan_);
        event_.time = from_micros(made.seconds * 1'000'000);
        const auto set = [&](int slot, const std::string& text) {
            if (slot >= 0 && !text.empty()) {
                const std::string_view kept = event_.arena().copy(text);
                event_.set(static_cast<event::SlotId>(slot), event::ValueView::of_string(kept));
            }
        };
        set(type_.roles.event_name, made.name);
        set(type_.roles.principal, made.principal);
        set(type_.roles.source_ip, made.source_ip);
        set(type_.roles.account, made.account);
        set(type_.roles.region, made.region);
        set(type_.roles.error_code, made.error_code);
        set(type_.roles.user_agent, made.user_agent);
        set(type_.roles.event_id, made.event_id);
        if (!made.bucket.empty()) {
            set(type_.roles.event_source, "s3.amazonaws.com");
            const std::string request = "{\"bucketName\":\"" + made.bucket + "\"}";
            const std::string_view kept = event_.arena().copy(request);
            event_.set(plan_.find("requestParameters"),
                       {kept.data(), static_cast<uint32_t>(kept.size()), event::Kind::object});
        }
        return event_;
    }

    void add(HitCollector& hits, const match::RuleInfo& rule, const MadeEvent& made) {
        const uint64_t ordinal = made.ordinal == UINT64_MAX ? next_ordinal_++ : made.ordinal;
        hits.add(rule, fill(made), type_, made.object, ordinal);
    }

    const logtype::LogType& type() const { return type_; }

  private:
    const logtype::LogType& type_;
    event::FieldPlan plan_;
    event::Event event_;
    std::deque<match::RuleInfo> rules_;
    uint64_t next_ordinal_ = 1'000'000;
};

}  // namespace yagura::finding
