#include "rule/live.h"

#include <algorithm>
#include <set>

namespace yagura::rule {
namespace {

std::set<std::string> ids_of(const RuleSet& set) {
    std::set<std::string> ids;
    for (const match::Rule& rule : set.rules) ids.insert(rule.info.id);
    for (const match::Correlation& correlation : set.correlations) ids.insert(correlation.info.id);
    return ids;
}

uint32_t missing_from(const std::set<std::string>& ids, const std::set<std::string>& other) {
    return static_cast<uint32_t>(std::count_if(
        ids.begin(), ids.end(), [&](const std::string& id) { return !other.contains(id); }));
}

std::set<std::string> files_of(const std::vector<Diagnostic>& mistakes) {
    std::set<std::string> files;
    for (const Diagnostic& mistake : mistakes) files.insert(mistake.file);
    return files;
}

}  // namespace

Result<LiveRules> LiveRules::load(LoadOptions options) {
    LiveRules live(std::move(options));
    YAGURA_TRY(const Reload first, live.load_keeping_good());
    live.current_ = first.rules;
    return live;
}

Result<Reload> LiveRules::reload() {
    YAGURA_TRY(Reload reload, load_keeping_good());
    const std::set<std::string> before = ids_of(*current_);
    const std::set<std::string> after = ids_of(*reload.rules);
    reload.added = missing_from(after, before);
    reload.removed = missing_from(before, after);
    current_ = reload.rules;
    return reload;
}

// Mistakes are known only when all files are together (an id twice, a correlation over a rule that
// is gone), so files that have one are put back to what they said and everything is put together
// again.
Result<Reload> LiveRules::load_keeping_good() {
    FileTexts texts;
    LoadOptions options = options_;
    options.texts = &texts;
    YAGURA_TRY(RuleSet set, load_rules(options));
    Reload reload;
    reload.mistakes = set.quarantined;
    const std::set<std::string> bad = files_of(set.quarantined);
    FileTexts instead;
    for (const std::string& file : bad) {
        const auto good = good_.find(file);
        if (good != good_.end() && texts.contains(file)) instead.insert(*good);
    }
    for (auto& [file, text] : texts) {
        if (!bad.contains(file)) good_[file] = std::move(text);
    }
    std::erase_if(good_, [&](const auto& entry) { return !texts.contains(entry.first); });
    if (!instead.empty()) {
        for (const auto& [file, text] : instead) reload.kept.push_back(file);
        options.texts = nullptr;
        options.instead = &instead;
        YAGURA_TRY(set, load_rules(options));
        set.quarantined = reload.mistakes;
    }
    reload.rules = std::make_shared<const RuleSet>(std::move(set));
    return reload;
}

std::vector<std::string> LiveRules::paths() const {
    std::vector<std::string> paths;
    for (const auto* list :
         {&options_.bundled, &options_.added, &options_.edited, &options_.lists}) {
        for (const std::filesystem::path& path : *list) {
            std::error_code ignored;
            if (std::filesystem::exists(path, ignored)) paths.push_back(path.string());
        }
    }
    return paths;
}

}  // namespace yagura::rule
