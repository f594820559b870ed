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

bool Entry::is_building_block() const {
    return kind == Kind::single && !rule.rules.empty() &&
           std::none_of(rule.rules.begin(), rule.rules.end(), [](const match::Rule* each) {
               return each->reports;
           });
}

Result<std::unique_ptr<RuleDesk>> RuleDesk::open(Options options) {
    const fs::path ours = options.folder / "rules";
    std::erase_if(options.rules.added, [&](const fs::path& path) { return lies_in(path, ours); });
    options.rules.edited = {ours};
    options.rules.disabled.clear();
    std::unique_ptr<RuleDesk> desk(new RuleDesk(std::move(options)));
    const std::lock_guard lock(desk->change_);
    desk->read_disabled_file();
    desk->read_levels_file();
    rule::LoadOptions load = desk->options_.rules;
    load.disabled_filters = rule::ids_of(desk->disabled_);
    YAGURA_TRY(auto live, rule::LiveRules::load(std::move(load)));
    desk->live_.emplace(std::move(live));
    desk->mistakes_ = desk->live_->current()->quarantined;
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
    for (const char* name : {"disabled.yml", "levels.yml"}) {
        const fs::path file = options_.folder / name;
        std::error_code ignored;
        if (fs::exists(file, ignored)) paths.push_back(file.string());
    }
    return paths;
}

Result<std::shared_ptr<const Shelf>> RuleDesk::reload() {
    const std::lock_guard lock(change_);
    read_disabled_file();
    read_levels_file();
    live_->set_disabled_filters(rule::ids_of(disabled_));
    YAGURA_TRY(const rule::Reload reload, live_->reload());
    mistakes_ = reload.mistakes;
    publish();
    return shelf();
}

void RuleDesk::on_change(std::function<void(const std::shared_ptr<const Shelf>&)> changed) {
    changed_ = std::move(changed);
}

bool RuleDesk::is_ours(std::string_view file) const {
    return lies_in(fs::path(file), rules_folder());
}

namespace {

// What a file of the console says, into `kept`. One with a mistake changes nothing: what it said
// before stays, and the mistake is returned.
template <class T>
std::optional<Diagnostic> read_kept(const fs::path& file,
                                    std::vector<T> (*read)(std::string_view, rule::Problems&),
                                    std::vector<T>& kept) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
        kept.clear();
        return std::nullopt;
    }
    const auto text = rule::read_rule_file(file);
    rule::Problems problems(file.string());
    auto entries = text ? read(*text, problems) : std::vector<T>();
    if (!text) problems.error({}, say(message::desk_unreadable, file.string()));
    if (problems.errors() > 0) return problems.take().front();
    kept = std::move(entries);
    return std::nullopt;
}

}  // namespace

void RuleDesk::read_disabled_file() {
    disabled_mistake_ = read_kept(options_.folder / "disabled.yml", rule::read_disabled, disabled_);
}

void RuleDesk::read_levels_file() {
    levels_mistake_ = read_kept(options_.folder / "levels.yml", rule::read_levels, levels_);
}

// Under change_.
void RuleDesk::publish() {
    auto shelf = std::make_shared<Shelf>();
    shelf->all = live_->current();
    shelf->disabled = disabled_;
    shelf->levels = levels_;
    shelf->mistakes = mistakes_;
    for (const auto* mistake : {&disabled_mistake_, &levels_mistake_})
        if (*mistake) shelf->mistakes.push_back(**mistake);
    shelf->revision = ++revision_;
    std::map<std::string, match::Level, std::less<>> own_levels;
    if (!levels_.empty()) {
        auto tuned = std::make_shared<rule::RuleSet>(*shelf->all);
        own_levels = rule::apply_levels(*tuned, levels_);
        shelf->all = std::move(tuned);
    }
    const rule::DisabledIds off = rule::ids_of(disabled_);
    if (off.empty()) {
        shelf->in_use = shelf->all;
    } else {
        auto in_use = std::make_shared<rule::RuleSet>(*shelf->all);
        rule::leave_out(*in_use, off);
        shelf->in_use = std::move(in_use);
    }
    fill(*shelf, off);
    for (Entry& entry : shelf->entries) {
        const auto own = own_levels.find(entry.info().id);
        entry.own_level = own == own_levels.end() ? entry.info().level : own->second;
    }
    const std::lock_guard lock(shelf_lock_);
    shelf_ = shelf;
}

// The entries, and what is known of each.
void RuleDesk::fill(Shelf& shelf, const rule::DisabledIds& off) const {
    const auto add = [&](rule::KnownRule known, Kind kind) {
        Entry entry;
        entry.is_custom = is_ours(known.info->file);
        entry.kind = kind;
        entry.rule = std::move(known);
        shelf.by_id.emplace(entry.info().id, shelf.entries.size());
        shelf.entries.push_back(std::move(entry));
    };
    for (rule::KnownRule& known : rule::known_rules(*shelf.all)) {
        const Kind kind = kind_of(known);
        add(std::move(known), kind);
    }
    for (const rule::Filter& filter : shelf.all->filters)
        add({&filter.info, "filter", {}, nullptr, nullptr, {}}, Kind::filter);
    Needs needs = needs_of(*shelf.all, off);
    for (Entry& entry : shelf.entries) entry.needed_by = std::move(needs[entry.info().id]);
    const auto entry_of = [&](std::string_view id) -> Entry* {
        const auto found = shelf.by_id.find(id);
        return found == shelf.by_id.end() ? nullptr : &shelf.entries[found->second];
    };
    for (const rule::Original& original : shelf.all->originals)
        if (Entry* entry = entry_of(original.id)) entry->original = &original;
    for (const rule::Disabled& disabled : shelf.disabled)
        if (Entry* entry = entry_of(disabled.rule)) entry->disabled = &disabled;
    for (const rule::TunedLevel& level : shelf.levels)
        if (Entry* entry = entry_of(level.rule)) entry->tuned = &level;
    std::map<std::string_view, const Diagnostic*> mistakes;  // the first of each file
    for (const Diagnostic& mistake : mistakes_) mistakes.emplace(mistake.file, &mistake);
    for (Entry& entry : shelf.entries) {
        const auto found = mistakes.find(entry.info().file);
        if (found == mistakes.end()) continue;
        const Diagnostic& mistake = *found->second;
        entry.mistake = fmt::format("{}:{}: {}", mistake.line, mistake.column, mistake.message);
    }
}

void RuleDesk::tell_change() const {
    if (changed_) changed_(shelf());
}

Result<void> RuleDesk::told(Result<void> change) const {
    if (change) tell_change();
    return change;
}

Result<void> RuleDesk::disable(std::string_view id, std::string_view who, std::string_view reason) {
    return told(disable_alone(id, who, reason));
}

Result<void> RuleDesk::enable(std::string_view id) {
    return told(enable_alone(id));
}

Result<void> RuleDesk::tune_level(std::string_view id,
                                  std::optional<match::Level> level,
                                  std::string_view who,
                                  std::string_view reason) {
    return told(tune_level_alone(id, level, who, reason));
}

Result<void> RuleDesk::tune_level_alone(std::string_view id,
                                        std::optional<match::Level> level,
                                        std::string_view who,
                                        std::string_view reason) {
    const std::lock_guard lock(change_);
    const auto now = shelf();
    const Entry* entry = now->find(id);
    if (!entry) return fail(Code::not_found, say(message::desk_no_rule, id));
    if (entry->kind == Kind::filter || entry->is_building_block())
        return fail(Code::unsupported, say(message::desk_no_level));
    if (reason.size() > rule::kMaxReasonBytes)
        return fail(Code::limit, say(message::desk_long_reason, rule::kMaxReasonBytes));
    if (levels_mistake_)
        return fail(Code::conflict, say(message::desk_kept_mistake, to_string(*levels_mistake_)));
    std::vector<rule::TunedLevel> levels = levels_;
    std::erase_if(levels, [&](const rule::TunedLevel& other) { return other.rule == id; });
    if (level && levels.size() >= rule::kMaxTunedLevels)
        return fail(Code::limit, say(message::desk_many_disabled, rule::kMaxTunedLevels));
    if (level)
        levels.push_back({std::string(id),
                          entry->info().title,
                          *level,
                          std::string(who),
                          options_.now(),
                          repair_utf8(trim(reason))});
    YAGURA_CHECK(write(options_.folder / "levels.yml", rule::levels_text(levels)));
    levels_ = std::move(levels);
    publish();
    return {};
}

Result<void> RuleDesk::disable_alone(std::string_view id,
                                     std::string_view who,
                                     std::string_view reason) {
    const std::lock_guard lock(change_);
    const auto now = shelf();
    const Entry* entry = now->find(id);
    if (!entry) return fail(Code::not_found, say(message::desk_no_rule, id));
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
    std::vector<rule::Disabled> disabled;
    std::vector<rule::TunedLevel> levels;
    for (auto& mistake :
         {read_kept(options_.folder / "disabled.yml", rule::read_disabled, disabled),
          read_kept(options_.folder / "levels.yml", rule::read_levels, levels)})
        if (mistake) out.push_back(*mistake);
    return out;
}

// What a person wrote by hand is not written over before it can be read.
Result<void> RuleDesk::write_disabled(std::vector<rule::Disabled> disabled) {
    if (disabled_mistake_)
        return fail(Code::conflict, say(message::desk_kept_mistake, to_string(*disabled_mistake_)));
    YAGURA_CHECK(write(options_.folder / "disabled.yml", rule::disabled_text(disabled)));
    disabled_ = std::move(disabled);
    // A filter is a part of rules as they are loaded.
    const rule::DisabledIds off = rule::ids_of(disabled_);
    live_->set_disabled_filters(off);
    const auto& filters = live_->current()->filters;
    const bool is_about_filter =
        std::any_of(filters.begin(), filters.end(), [&](const rule::Filter& filter) {
            return filter.is_off != off.contains(filter.info.id);
        });
    if (is_about_filter) {
        YAGURA_TRY(const rule::Reload reload, live_->reload());
        mistakes_ = reload.mistakes;
    }
    publish();
    return {};
}

}  // namespace yagura::desk
