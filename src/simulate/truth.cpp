#include "simulate/truth.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace yagura::simulate {
namespace {

// The members every item starts with.
std::string item_start(const Step& step, std::string_view time_name, Timestamp time) {
    return fmt::format(R"({{"step":"{}","tactic":"{}","technique":"{}","{}":"{}")",
                       step.id,
                       step.tactic,
                       step.technique,
                       time_name,
                       format_iso8601(std::chrono::floor<std::chrono::seconds>(time)));
}

void append_list(std::string& out, std::string_view name, const std::vector<std::string>& items) {
    out += fmt::format(",\n\"{}\": [", name);
    for (size_t i = 0; i < items.size(); ++i) out += (i == 0 ? "\n  " : ",\n  ") + items[i];
    out += "\n]";
}

}  // namespace

void Truth::note(const Step& step, Timestamp first, Timestamp last) {
    auto seen = std::find_if(
        story_.begin(), story_.end(), [&](const Seen& s) { return s.step->id == step.id; });
    if (seen == story_.end()) seen = story_.insert(story_.end(), Seen{&step, first, last});
    seen->first = std::min(seen->first, first);
    seen->last = std::max(seen->last, last);
    ++seen->count;
}

void Truth::cloudtrail(const Step& step,
                       Timestamp time,
                       std::string_view event_id,
                       std::string_view event_name,
                       std::string_view account,
                       std::string_view region) {
    note(step, time, time);
    cloudtrail_.push_back(
        item_start(step, "time", time) +
        fmt::format(R"(,"event_id":"{}","event_name":"{}","account_id":"{}","region":"{}"}})",
                    event_id,
                    event_name,
                    account,
                    region));
}

void Truth::guardduty(const Step& step,
                      Timestamp time,
                      std::string_view finding_id,
                      std::string_view type) {
    guardduty_.push_back(item_start(step, "time", time) +
                         fmt::format(R"(,"finding_id":"{}","type":"{}"}})", finding_id, type));
}

void Truth::flow(const Step& step,
                 Timestamp start,
                 Timestamp end,
                 std::string_view interface,
                 std::string_view source,
                 std::string_view target,
                 uint64_t bytes) {
    note(step, start, end);
    flows_.push_back(
        item_start(step, "start", start) +
        fmt::format(R"(,"end":"{}","interface_id":"{}","srcaddr":"{}","dstaddr":"{}","bytes":{}}})",
                    format_iso8601(std::chrono::floor<std::chrono::seconds>(end)),
                    interface,
                    source,
                    target,
                    bytes));
}

void Truth::entity(std::string_view kind, std::string_view value) {
    auto& values = entities_[std::string(kind)];
    if (std::find(values.begin(), values.end(), value) == values.end()) values.emplace_back(value);
}

std::string Truth::to_json(std::string_view header) const {
    std::string out = "{" + std::string(header);
    std::vector<std::string> story;
    for (const Seen& seen : story_) {
        story.push_back(
            item_start(*seen.step, "first", seen.first) +
            fmt::format(R"(,"last":"{}","items":{},"en":{},"ja":{}}})",
                        format_iso8601(std::chrono::floor<std::chrono::seconds>(seen.last)),
                        seen.count,
                        json_quote(seen.step->sentence.english),
                        json_quote(seen.step->sentence.japanese)));
    }
    append_list(out, "story", story);
    out += ",\n\"entities\": {";
    bool first = true;
    for (const auto& [kind, values] : entities_) {
        out += fmt::format("{}\n  \"{}\": [", first ? "" : ",", kind);
        for (size_t i = 0; i < values.size(); ++i)
            out += (i == 0 ? "" : ", ") + json_quote(values[i]);
        out += "]";
        first = false;
    }
    out += "\n}";
    append_list(out, "cloudtrail", cloudtrail_);
    append_list(out, "guardduty", guardduty_);
    append_list(out, "vpc_flow", flows_);
    return out + "\n}\n";
}

}  // namespace yagura::simulate
