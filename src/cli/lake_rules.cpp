#include "cli/lake_rules.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/messages/rule.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/screen.h"
#include "store/lake.h"

namespace yagura::cli {
namespace {

using desk::Entry;

rule::LoadOptions options_of(const RuleChoice& choice, const Session& session) {
    rule::LoadOptions options;
    if (!choice.no_default) options.bundled.push_back(shipped_rules_dir());
    for (const std::string& path : choice.added) options.added.emplace_back(path);
    options.lists.assign(session.lists.begin(), session.lists.end());
    options.threads = session.threads;
    return options;
}

bool is_over_several(const Entry& entry) {
    return entry.kind == desk::Kind::correlation || entry.kind == desk::Kind::first_seen;
}

std::string number_or_null(const std::optional<uint64_t>& number) {
    return number ? std::to_string(*number) : "null";
}

std::string choice_json(std::string_view who, Timestamp when, std::string_view reason) {
    return fmt::format(R"({{"who":{},"when":"{}","reason":{}}})",
                       json_quote(who),
                       format_iso8601(when),
                       json_quote(reason));
}

}  // namespace

std::optional<LakeRules> LakeRules::open(const std::filesystem::path& lake,
                                         const RuleChoice& choice,
                                         const Session& session) {
    if (const auto known = store::Lake::open(lake); !known)
        return complain(known.error()), std::nullopt;
    LakeRules out;
    auto desk =
        desk::RuleDesk::open({.folder = lake / "console", .rules = options_of(choice, session)});
    if (!desk) return complain(desk.error()), std::nullopt;
    out.desk_ = std::move(*desk);
    out.shelf_ = out.desk_->shelf();
    out.counting_ = std::make_unique<query::RuleHits>(lake);
    if (auto table = out.counting_->table()) out.hits_ = std::move(*table);
    out.costs_ = std::make_unique<desk::CostBook>(lake / "console");
    return out;
}

std::optional<uint64_t> LakeRules::hits_since(const Entry& entry,
                                              std::optional<Timestamp> from) const {
    if (!hits_ || entry.kind == desk::Kind::filter) return std::nullopt;
    const AccountScope all = AccountScope::all();
    const std::string& id = entry.info().id;
    if (is_over_several(entry))
        return from ? hits_->found_since(id, all, *from) : std::optional(hits_->found(id, all));
    return from ? hits_->since(id, all, *from) : hits_->total(id, all);
}

std::optional<uint64_t> LakeRules::hits_week(const Entry& entry) const {
    return hits_since(entry, current_time() - std::chrono::hours(7 * 24));
}

std::optional<uint64_t> LakeRules::hits(const Entry& entry) const {
    return hits_since(entry, std::nullopt);
}

std::string LakeRules::cost_text(const Entry& entry) const {
    const auto cost = costs_->cost(entry.info().id);
    if (!cost || entry.rule.rules.empty()) return "";
    return fmt::format("≈ {:.3f}", cost->nanoseconds_per_event / 1000);
}

std::string LakeRules::state_text(const Entry& entry) const {
    if (!entry.mistake.empty()) return say(message::rules_state_broken, printable(entry.mistake));
    if (entry.disabled) return say(message::rules_state_off, printable(entry.disabled->who));
    if (entry.tuned) return say(message::rules_state_tuned, match::level_name(entry.own_level));
    if (entry.is_custom)
        return say(entry.original ? message::rules_state_changed : message::rules_state_own);
    return entry.is_building_block() ? say(message::rules_state_block) : "";
}

std::string LakeRules::json_facts(const Entry& entry) const {
    std::string out = fmt::format(
        R"(,"kind":"{}","enabled":{},"own":{},"building_block":{},"hits_7d":{},"hits_total":{})",
        desk::kind_name(entry.kind),
        entry.disabled == nullptr,
        entry.is_custom,
        entry.is_building_block(),
        number_or_null(hits_week(entry)),
        number_or_null(hits(entry)));
    if (const auto* off = entry.disabled)
        out += ",\"disabled\":" + choice_json(off->who, off->when, off->reason);
    if (const auto* tuned = entry.tuned) {
        out += fmt::format(",\"own_level\":\"{}\",\"tuned\":{}",
                           match::level_name(entry.own_level),
                           choice_json(tuned->who, tuned->when, tuned->reason));
    }
    const auto cost = costs_->cost(entry.info().id);
    if (cost && !entry.rule.rules.empty()) {
        out += fmt::format(
            ",\"cost_ns\":{:.1f},\"cost_events\":{}", cost->nanoseconds_per_event, cost->events);
    }
    if (!entry.mistake.empty()) out += ",\"error\":" + json_quote(entry.mistake);
    return out;
}

std::optional<std::vector<Diagnostic>> lint_lake(const std::filesystem::path& lake,
                                                 const Session& session) {
    const auto rules = LakeRules::open(lake, {}, session);
    if (!rules) return std::nullopt;
    const std::string folder = (lake / "console").string() + "/";
    std::vector<Diagnostic> all = rules->desk().problems();
    rule::LoadOptions options = rules->desk().load_options();
    options.warnings = true;
    if (auto set = rule::load_rules(options))
        all.insert(all.end(), set->warnings.begin(), set->warnings.end());
    std::erase_if(all, [&](const Diagnostic& each) { return !each.file.starts_with(folder); });
    return all;
}

}  // namespace yagura::cli
