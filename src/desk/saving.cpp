// How a rule is written: tried together with all others, its earlier text kept, then put in place
// as a whole (temporary name, sync, rename), then loaded. A text with a mistake changes nothing.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/messages/desk.h"
#include "desk/desk.h"
#include "desk/identity.h"
#include "rule/yaml.h"
#include "store/files.h"

namespace yagura::desk {

namespace fs = std::filesystem;

namespace {

bool lies_below(const std::string& file, const std::vector<fs::path>& places) {
    return std::any_of(places.begin(), places.end(), [&](const fs::path& place) {
        const std::string prefix = place.string();
        return file == prefix || file.starts_with(prefix + "/") ||
               (prefix.ends_with('/') && file.starts_with(prefix));
    });
}

// The ids of what a file of the set holds, in order.
std::vector<std::string> ids_in(const rule::RuleSet& set, const std::string& file) {
    std::vector<std::string> ids;
    const auto add = [&](const match::RuleInfo& info) {
        if (info.file == file && (ids.empty() || ids.back() != info.id)) ids.push_back(info.id);
    };
    for (const match::Rule& rule : set.rules) add(rule.info);
    for (const match::Correlation& correlation : set.correlations) add(correlation.info);
    for (const rule::Filter& filter : set.filters) add(filter.info);
    return ids;
}

bool holds(const std::vector<std::string>& ids, std::string_view id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

Diagnostic note(const std::string& file, std::string message) {
    return {file, 0, 0, Grade::error, std::move(message), ""};
}

bool has_error(const std::vector<Diagnostic>& notes) {
    return std::any_of(notes.begin(), notes.end(), [](const Diagnostic& each) {
        return each.grade == Grade::error;
    });
}

}  // namespace

struct RuleDesk::Trial {
    rule::RuleSet set;
};

// All rules as they are, but for one file; without `text` it is gone. Under change_.
RuleDesk::Trial RuleDesk::try_text(const fs::path& file, const std::string* text, bool lint) const {
    rule::RuleTexts texts;
    for (const auto& [name, said] : live_->texts()) {
        rule::FileTexts& tier = lies_below(name, options_.rules.edited)    ? texts.edited
                                : lies_below(name, options_.rules.lists)   ? texts.lists
                                : lies_below(name, options_.rules.bundled) ? texts.bundled
                                                                           : texts.added;
        if (name != file) tier.emplace(name, said);
    }
    if (text) texts.edited[file.string()] = *text;
    texts.disabled_filters = rule::ids_of(disabled_);
    return {rule::load_texts(texts, lint)};
}

// What is wrong in the file, and what is now wrong elsewhere.
std::vector<Diagnostic> RuleDesk::notes_of(const Trial& trial, const fs::path& file) const {
    const auto is_known = [&](const Diagnostic& found) {
        return std::any_of(mistakes_.begin(), mistakes_.end(), [&](const Diagnostic& known) {
            return known.file == found.file && known.line == found.line &&
                   known.column == found.column;
        });
    };
    std::vector<Diagnostic> notes;
    for (const Diagnostic& found : trial.set.quarantined)
        if (found.file == file) notes.push_back(found);
    // What follows elsewhere from a mistake here is mended with it.
    if (!has_error(notes)) {
        for (const Diagnostic& found : trial.set.quarantined)
            if (found.file != file && !is_known(found)) notes.push_back(found);
    }
    for (const Diagnostic& found : trial.set.warnings)
        if (found.file == file) notes.push_back(found);
    std::stable_sort(notes.begin(), notes.end(), [&](const Diagnostic& a, const Diagnostic& b) {
        return std::tuple(a.file != file, a.line, a.column) <
               std::tuple(b.file != file, b.line, b.column);
    });
    return notes;
}

fs::path RuleDesk::file_for(std::string_view id) const {
    const auto now = shelf();
    const Entry* entry = now->find(id);
    if (entry && entry->is_custom) return entry->info().file;
    return rules_folder() / (file_stem(id) + ".yml");
}

std::vector<Diagnostic> RuleDesk::lint(const std::string& text,
                                       std::string_view id,
                                       std::string* name) const {
    const std::lock_guard lock(change_);
    std::string known(id);
    if (known.empty()) known = first_id(text);
    const fs::path file = file_for(known.empty() ? "draft" : known);
    if (name) *name = file.string();
    return notes_of(try_text(file, &text, true), file);
}

rule::RuleSet RuleDesk::try_out(const std::string& text,
                                std::string_view id,
                                std::string& file) const {
    const std::lock_guard lock(change_);
    std::string known(id);
    if (known.empty()) known = first_id(text);
    file = file_for(known.empty() ? "draft" : known).string();
    return try_text(file, &text, false).set;
}

Result<void> RuleDesk::check_base(std::string_view id, const SaveRequest& request) const {
    if (!request.base) return {};
    YAGURA_TRY(const Source now, source(id));
    if (now.version == *request.base) return {};
    return fail(Code::conflict, say(message::desk_changed_meanwhile));
}

Result<Saved> RuleDesk::save(const SaveRequest& request) {
    auto saved = save_alone(request);
    if (saved && saved->done) tell_change();
    return saved;
}

Result<Saved> RuleDesk::remove(std::string_view id) {
    auto removed = remove_alone(id);
    if (removed && removed->done) tell_change();
    return removed;
}

Result<Saved> RuleDesk::save_alone(const SaveRequest& request) {
    const std::lock_guard lock(change_);
    if (request.text.size() > rule::kMaxYamlBytes)
        return fail(Code::limit, say(message::desk_long_text, rule::kMaxYamlBytes));
    Saved saved;
    std::string text = request.text;
    if (request.id.empty()) {
        text = with_id(text);
        saved.id = first_id(text);
        const auto now = shelf();
        if (const Entry* taken = now->find(saved.id))
            return fail(Code::conflict, say(message::desk_id_taken, saved.id, taken->info().title));
    } else {
        saved.id = request.id;
        YAGURA_CHECK(check_base(saved.id, request));
    }
    fs::path file = file_for(saved.id.empty() ? "draft" : saved.id);
    if (request.id.empty()) file = free_name(file);
    const Trial trial = try_text(file, &text, true);
    saved.notes = notes_of(trial, file);
    if (!has_error(saved.notes) && !holds(ids_in(trial.set, file.string()), saved.id))
        saved.notes.push_back(note(file.string(),
                                   saved.id.empty() ? say(message::desk_no_rules_in_text)
                                                    : say(message::desk_other_id, saved.id)));
    if (has_error(saved.notes)) return saved;
    YAGURA_CHECK(keep_version(file));
    YAGURA_CHECK(write(file, text));
    YAGURA_TRY(const rule::Reload reload, live_->reload());
    mistakes_ = reload.mistakes;
    publish();
    saved.done = true;
    return saved;
}

Result<Saved> RuleDesk::remove_alone(std::string_view id) {
    const std::lock_guard lock(change_);
    const auto now = shelf();
    const Entry* entry = now->find(id);
    if (!entry) return fail(Code::not_found, say(message::desk_no_rule, id));
    if (!entry->is_custom) return fail(Code::forbidden, say(message::desk_not_ours));
    const fs::path file = entry->info().file;
    Saved saved;
    saved.id = std::string(id);
    for (const Diagnostic& broken : notes_of(try_text(file, nullptr, false), file))
        if (broken.grade == Grade::error) saved.notes.push_back(broken);
    if (!saved.notes.empty()) return saved;
    YAGURA_CHECK(keep_version(file));
    std::error_code error;
    fs::remove(file, error);
    if (error) return fail(Code::io, say(message::desk_unwritable, file.string(), error.message()));
    YAGURA_CHECK(store::sync_folder(file.parent_path()));
    YAGURA_TRY(const rule::Reload reload, live_->reload());
    mistakes_ = reload.mistakes;
    publish();
    saved.done = true;
    return saved;
}

Result<Saved> RuleDesk::restore(std::string_view id, std::string_view version) {
    std::string name(version);
    if (name.empty()) {
        YAGURA_TRY(const std::vector<Version> all, versions(id));
        if (all.empty()) return fail(Code::not_found, say(message::desk_no_version, id));
        name = all.front().name;
    }
    YAGURA_TRY(std::string text, version_text(id, name));
    return save({std::string(id), std::move(text), std::nullopt});
}

Result<Source> RuleDesk::source(std::string_view id) const {
    const auto now = shelf();
    const Entry* entry = now->find(id);
    if (!entry) return fail(Code::not_found, say(message::desk_no_rule, id));
    auto text = rule::read_rule_file(entry->info().file);
    if (!text) return fail(Code::io, say(message::desk_unreadable, entry->info().file));
    Source source{std::move(*text), "", entry->info().file, entry->is_custom};
    source.version = version_of(source.text);
    return source;
}

Result<Source> RuleDesk::original(std::string_view id) const {
    const auto now = shelf();
    const Entry* entry = now->find(id);
    if (!entry || !entry->original)
        return fail(Code::not_found, say(message::desk_no_original, id));
    auto text = rule::read_rule_file(entry->original->file);
    if (!text) return fail(Code::io, say(message::desk_unreadable, entry->original->file));
    Source source{std::move(*text), "", entry->original->file, false};
    source.version = version_of(source.text);
    return source;
}

Result<void> RuleDesk::write(const fs::path& file, std::string_view text) {
    YAGURA_CHECK(store::make_folder(file.parent_path()));
    YAGURA_TRY(auto fresh, store::NewFile::create(file));
    YAGURA_CHECK(fresh.write(text));
    YAGURA_CHECK(fresh.publish());
    return store::sync_folder(file.parent_path());
}

// --- what files said before ---

fs::path RuleDesk::history_of(const fs::path& file) const {
    return rules_folder() / ".history" / file.stem();
}

Result<void> RuleDesk::keep_version(const fs::path& file) {
    const auto text = rule::read_rule_file(file);
    if (!text) return {};
    const fs::path folder = history_of(file);
    Timestamp time = options_.now();
    std::error_code ignored;
    while (fs::exists(folder / (version_name(time) + ".yml"), ignored))
        time += std::chrono::microseconds(1);
    YAGURA_CHECK(write(folder / (version_name(time) + ".yml"), *text));
    std::vector<fs::path> all;
    for (const auto& each : fs::directory_iterator(folder, ignored))
        if (version_time(each.path().stem().string())) all.push_back(each.path());
    std::sort(all.rbegin(), all.rend());
    for (size_t i = kMaxVersions; i < all.size(); ++i) fs::remove(all[i], ignored);
    return {};
}

Result<std::vector<Version>> RuleDesk::versions(std::string_view id) const {
    std::vector<Version> out;
    std::error_code ignored;
    for (const auto& each : fs::directory_iterator(history_of(file_for(id)), ignored)) {
        const std::string name = each.path().stem().string();
        const auto time = version_time(name);
        if (time) out.push_back({name, *time, each.file_size(ignored)});
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name > b.name; });
    return out;
}

Result<std::string> RuleDesk::version_text(std::string_view id, std::string_view version) const {
    const auto missing = fail(Code::not_found, say(message::desk_no_version, id));
    if (!version_time(version)) return missing;
    auto text = rule::read_rule_file(history_of(file_for(id)) / (std::string(version) + ".yml"));
    if (!text) return missing;
    return std::move(*text);
}

}  // namespace yagura::desk
