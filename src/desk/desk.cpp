// What is in use: the shelf, made anew after every change and handed out as a whole, so that nobody
// ever sees half a change.
#include "desk/desk.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/messages/desk.h"
#include "base/text.h"
#include "rule/loader.h"

namespace yagura::desk {

namespace fs = std::filesystem;

namespace {

Kind kind_of(const rule::KnownRule& rule) {
    if (rule.correlation) return Kind::correlation;
    if (rule.first_seen) return Kind::first_seen;
    return rule.info->priority.empty() ? Kind::single : Kind::falco;
}

bool lies_in(const fs::path& file, const fs::path& folder) {
    const fs::path a = fs::absolute(folder).lexically_normal();
    const fs::path b = fs::absolute(file).lexically_normal();
    const auto [from, in_file] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return from == a.end() || from->empty();
}

// The correlations that look at each rule, by its id.
using Needs = std::map<std::string_view, std::vector<const match::Correlation*>>;

Needs needs_of(const rule::RuleSet& set, const rule::DisabledIds& disabled) {
    Needs needs;
    const auto add = [&](const match::RuleInfo& info, const match::Correlation& by) {
        auto& list = needs[info.id];
        if (list.empty() || list.back() != &by) list.push_back(&by);
    };
    for (const match::Correlation& correlation : set.correlations) {
        if (disabled.contains(correlation.info.id)) continue;
        for (const match::CorrelationReference& reference : correlation.references) {
            for (const uint32_t rule : reference.rules) add(set.rules[rule].info, correlation);
            for (const uint32_t inner : reference.correlations)
                add(set.correlations[inner].info, correlation);
        }
    }
    return needs;
}

}  // namespace

std::string_view kind_name(Kind kind) {
    constexpr std::string_view kNames[] = {
        "single", "correlation", "first_seen", "falco", "filter"};
    return kNames[static_cast<size_t>(kind)];
}

const Entry* Shelf::find(std::string_view id) const {
    const auto found = by_id.find(id);
    return found == by_id.end() ? nullptr : &entries[found->second];
}

Result<std::unique_ptr<RuleDesk>> RuleDesk::open(Options options) {
    const fs::path ours = options.folder / "rules";
    std::erase_if(options.rules.added, [&](const fs::path& path) { return lies_in(path, ours); });
    options.rules.edited = {ours};
    options.rules.disabled.clear();
    std::unique_ptr<RuleDesk> desk(new RuleDesk(std::move(options)));
    const std::lock_guard lock(desk->change_);
    YAGURA_TRY(auto live, rule::LiveRules::load(desk->options_.rules));
    desk->live_.emplace(std::move(live));
    desk->mistakes_ = desk->live_->current()->quarantined;
    YAGURA_CHECK(desk->read_disabled_file());
    desk->publish();
    return desk;
}

std::shared_ptr<const Shelf> RuleDesk::shelf() const {
    const std::lock_guard lock(shelf_lock_);
    return shelf_;
}

rule::LoadOptions RuleDesk::load_options() const {
    rule::LoadOptions options = options_.rules;
    options.disabled = rule::ids_of(shelf()->disabled);
    return options;
}

std::vector<std::string> RuleDesk::paths() const {
    const std::lock_guard lock(change_);
    std::vector<std::string> paths = live_->paths();
    const fs::path disabled = options_.folder / "disabled.yml";
    std::error_code ignored;
    if (fs::exists(disabled, ignored)) paths.push_back(disabled.string());
    return paths;
}

Result<std::shared_ptr<const Shelf>> RuleDesk::reload() {
    const std::lock_guard lock(change_);
    YAGURA_TRY(const rule::Reload reload, live_->reload());
    mistakes_ = reload.mistakes;
    YAGURA_CHECK(read_disabled_file());
    publish();
    return shelf();
}

void RuleDesk::on_change(std::function<void(const std::shared_ptr<const Shelf>&)> changed) {
    changed_ = std::move(changed);
}

bool RuleDesk::is_ours(std::string_view file) const {
    return lies_in(fs::path(file), rules_folder());
}

// A file with a mistake changes nothing: what it said before stays.
Result<void> RuleDesk::read_disabled_file() {
    const fs::path file = options_.folder / "disabled.yml";
    disabled_mistake_.reset();
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
        disabled_.clear();
        return {};
    }
    const auto text = rule::read_rule_file(file);
    rule::Problems problems(file.string());
    auto disabled = text ? rule::read_disabled(*text, problems) : std::vector<rule::Disabled>();
    if (!text) problems.error({}, say(message::desk_unreadable, file.string()));
    if (problems.errors() == 0) {
        disabled_ = std::move(disabled);
    } else {
        disabled_mistake_ = problems.take().front();
    }
    return {};
}

// Under change_.
void RuleDesk::publish() {
    auto shelf = std::make_shared<Shelf>();
    shelf->all = live_->current();
    shelf->disabled = disabled_;
    shelf->mistakes = mistakes_;
    if (disabled_mistake_) shelf->mistakes.push_back(*disabled_mistake_);
    shelf->revision = ++revision_;
    const rule::DisabledIds ids = rule::ids_of(disabled_);
    if (ids.empty()) {
        shelf->in_use = shelf->all;
    } else {
        auto in_use = std::make_shared<rule::RuleSet>(*shelf->all);
        rule::leave_out(*in_use, ids);
        shelf->in_use = std::move(in_use);
    }
    const auto add = [&](rule::KnownRule known, Kind kind) {
        Entry entry;
        entry.is_custom = is_ours(known.info->file);
        entry.kind = kind;
        entry.rule = std::move(known);
        shelf->by_id.emplace(entry.info().id, shelf->entries.size());
        shelf->entries.push_back(std::move(entry));
    };
    for (rule::KnownRule& known : rule::known_rules(*shelf->all)) {
        const Kind kind = kind_of(known);
        add(std::move(known), kind);
    }
    for (const rule::Filter& filter : shelf->all->filters)
        add({&filter.info, "filter", {}, nullptr, nullptr, {}}, Kind::filter);
    Needs needs = needs_of(*shelf->all, ids);
    for (Entry& entry : shelf->entries) entry.needed_by = std::move(needs[entry.info().id]);
    const auto entry_of = [&](std::string_view id) -> Entry* {
        const auto found = shelf->by_id.find(id);
        return found == shelf->by_id.end() ? nullptr : &shelf->entries[found->second];
    };
    for (const rule::Original& original : shelf->all->originals)
        if (Entry* entry = entry_of(original.id)) entry->original = &original;
    for (const rule::Disabled& disabled : shelf->disabled)
        if (Entry* entry = entry_of(disabled.rule)) entry->disabled = &disabled;
    for (Entry& entry : shelf->entries) {
        for (const Diagnostic& mistake : mistakes_) {
            if (mistake.file != entry.info().file) continue;
            entry.mistake = fmt::format("{}:{}: {}", mistake.line, mistake.column, mistake.message);
            break;
        }
    }
    {
        const std::lock_guard lock(shelf_lock_);
        shelf_ = shelf;
    }
}

void RuleDesk::tell_change() const {
    if (changed_) changed_(shelf());
}

Result<void> RuleDesk::disable(std::string_view id, std::string_view who, std::string_view reason) {
    YAGURA_CHECK(disable_alone(id, who, reason));
    tell_change();
    return {};
}

Result<void> RuleDesk::enable(std::string_view id) {
    YAGURA_CHECK(enable_alone(id));
    tell_change();
    return {};
}

Result<void> RuleDesk::disable_alone(std::string_view id,
                                     std::string_view who,
                                     std::string_view reason) {
    const std::lock_guard lock(change_);
    const auto now = shelf();
    const Entry* entry = now->find(id);
    if (!entry) return fail(Code::not_found, say(message::desk_no_rule, id));
    if (entry->kind == Kind::filter)
        return fail(Code::unsupported, say(message::desk_filter_disabled));
    if (reason.size() > rule::kMaxReasonBytes)
        return fail(Code::limit, say(message::desk_long_reason, rule::kMaxReasonBytes));
    std::vector<rule::Disabled> disabled = disabled_;
    std::erase_if(disabled, [&](const rule::Disabled& other) { return other.rule == id; });
    if (disabled.size() >= rule::kMaxDisabled)
        return fail(Code::limit, say(message::desk_many_disabled, rule::kMaxDisabled));
    disabled.push_back({std::string(id),
                        entry->info().title,
                        std::string(who),
                        options_.now(),
                        repair_utf8(trim(reason))});
    return write_disabled(std::move(disabled));
}

Result<void> RuleDesk::enable_alone(std::string_view id) {
    const std::lock_guard lock(change_);
    std::vector<rule::Disabled> disabled = disabled_;
    const auto gone =
        std::erase_if(disabled, [&](const rule::Disabled& other) { return other.rule == id; });
    if (gone == 0) {
        if (shelf()->find(id)) return {};
        return fail(Code::not_found, say(message::desk_no_rule, id));
    }
    return write_disabled(std::move(disabled));
}

std::vector<Diagnostic> RuleDesk::problems() const {
    auto set = rule::load_rules(options_.rules);
    std::vector<Diagnostic> out;
    if (set) {
        out = std::move(set->quarantined);
    } else {
        out.push_back({"", 0, 0, Grade::error, set.error().sentence(), ""});
    }
    const fs::path file = options_.folder / "disabled.yml";
    rule::Problems problems(file.string());
    if (const auto text = rule::read_rule_file(file)) rule::read_disabled(*text, problems);
    for (Diagnostic& problem : problems.take()) out.push_back(std::move(problem));
    return out;
}

// What a person wrote by hand is not written over before it can be read.
Result<void> RuleDesk::write_disabled(std::vector<rule::Disabled> disabled) {
    if (disabled_mistake_)
        return fail(Code::conflict,
                    say(message::desk_disabled_mistake, to_string(*disabled_mistake_)));
    YAGURA_CHECK(write(options_.folder / "disabled.yml", rule::disabled_text(disabled)));
    disabled_ = std::move(disabled);
    publish();
    return {};
}

}  // namespace yagura::desk
