#include "cli/chosen_rules.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "base/messages/hunt.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/screen.h"

namespace yagura::cli {
namespace {

bool exists(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

// Does the rule lie in this file or folder?
bool lies_in(const match::RuleInfo& info, const std::filesystem::path& place) {
    std::error_code ignored;
    const std::filesystem::path file = std::filesystem::weakly_canonical(info.file, ignored);
    const std::filesystem::path normal = std::filesystem::weakly_canonical(place, ignored);
    const auto [from, in_file] =
        std::mismatch(normal.begin(), normal.end(), file.begin(), file.end());
    return from == normal.end();
}

// Ids of the rules in a file or folder: a rule that is bundled too is known by the bundled file.
std::set<std::string> ids_in(const std::string& place) {
    std::set<std::string> ids;
    const auto set = rule::load_rules({.added = {place}});
    if (!set) return ids;
    for (const match::Rule& rule : set->rules) ids.insert(rule.info.id);
    for (const match::Correlation& rule : set->correlations) ids.insert(rule.info.id);
    for (const match::FirstSeen& rule : set->first_seen) ids.insert(rule.info.id);
    return ids;
}

bool is_called(const match::RuleInfo& info, std::string_view folded, bool loosely) {
    const std::string id = fold_case(info.id);
    if (loosely) return folded.size() >= 4 && id.starts_with(folded);
    return id == folded || fold_case(info.title) == folded || fold_case(info.name) == folded ||
           fold_case(info.title_ja) == folded;
}

template <class Is>
std::vector<uint32_t> pick(size_t count, Is&& is) {
    std::vector<uint32_t> picked;
    for (uint32_t i = 0; i < count; ++i) {
        if (is(i)) picked.push_back(i);
    }
    return picked;
}

// Adds what `is` says yes to; false when that was nothing.
template <class Is>
bool add(ChosenRules& chosen, Is&& is) {
    bool any = false;
    const auto into = [&](std::vector<uint32_t>& to, const auto& from) {
        const auto picked = pick(from.size(), [&](uint32_t i) { return is(from[i].info); });
        any = any || !picked.empty();
        to.insert(to.end(), picked.begin(), picked.end());
        std::sort(to.begin(), to.end());
        to.erase(std::unique(to.begin(), to.end()), to.end());
    };
    into(chosen.chosen.rules, chosen.set.rules);
    into(chosen.chosen.correlations, chosen.set.correlations);
    into(chosen.chosen.first_seen, chosen.set.first_seen);
    return any;
}

void complain_of_unknown(const ChosenRules& chosen, const std::string& word) {
    if (exists(word)) return complain(say(message::hunt_no_rules_in, printable(word)));
    std::vector<std::string_view> names;
    const auto collect = [&](const auto& list) {
        for (const auto& item : list) {
            names.push_back(item.info.id);
            names.push_back(item.info.title);
        }
    };
    collect(chosen.set.rules);
    collect(chosen.set.correlations);
    collect(chosen.set.first_seen);
    std::string sentence = say(message::hunt_no_rule, printable(word));
    if (const std::string hint = suggest(word, names); !hint.empty()) sentence += " (" + hint + ")";
    complain(sentence);
}

}  // namespace

std::optional<ChosenRules> choose_rules(const std::vector<std::string>& words,
                                        const std::vector<std::string>& more,
                                        bool no_default,
                                        const Session& session) {
    rule::LoadOptions options;
    options.lists.assign(session.lists.begin(), session.lists.end());
    options.threads = session.threads;
    for (const auto* list : {&words, &more}) {
        for (const std::string& word : *list) {
            if (exists(word) || list == &more) options.added.emplace_back(word);
        }
    }
    // Rules in files may refer to bundled ones, and ids are of both.
    if (!no_default) options.bundled.push_back(shipped_rules_dir());
    auto set = rule::load_rules(options);
    if (!set) return complain(set.error()), std::nullopt;
    ChosenRules chosen;
    chosen.set = std::move(*set);
    if (!session.quiet) {
        for (const Diagnostic& problem : chosen.set.quarantined)
            fmt::print(stderr, "{}\n", to_string(problem));
    }
    if (words.empty()) add(chosen, [](const match::RuleInfo&) { return true; });
    for (const std::string& word : words) {
        const std::string folded = fold_case(word);
        const std::set<std::string> ids = exists(word) ? ids_in(word) : std::set<std::string>();
        const bool found =
            exists(word)
                ? add(chosen,
                      [&](const auto& info) {
                          return ids.count(info.id) > 0 || lies_in(info, word);
                      })
                : add(chosen, [&](const auto& info) { return is_called(info, folded, false); }) ||
                      add(chosen, [&](const auto& info) { return is_called(info, folded, true); });
        if (!found) return complain_of_unknown(chosen, word), std::nullopt;
    }
    return chosen;
}

}  // namespace yagura::cli
