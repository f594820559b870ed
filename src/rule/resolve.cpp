#include "rule/resolve.h"

#include <algorithm>
#include <deque>

#include "base/diagnostic.h"
#include "base/language.h"
#include "base/messages/sigma.h"
#include "rule/loader.h"
#include "rule/sigma/lint.h"

namespace yagura::rule {
namespace {

using match::Correlation;
using match::CorrelationReference;
using match::CorrelationType;
using sigma::CorrelationDraft;
using sigma::Mention;

constexpr size_t kMaxPlacesNamed = 4;

std::string joined(const std::vector<std::string>& words, std::string_view between) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : std::string(between)) + word;
    return out;
}

std::string place_of(const Known& known) {
    return fmt::format("{}:{}", known.file, known.line);
}

// Drafts become correlations in an order where inner ones come first (Kahn's algorithm); what is
// left over stands on a cycle or above one.
class Resolver {
  public:
    Resolver(const Catalogue& catalogue,
             std::vector<CorrelationDraft> drafts,
             bool lint,
             RuleSet& set)
        : catalogue_(catalogue), lint_(lint), set_(set) {
        for (CorrelationDraft& draft : drafts) {
            std::string file = draft.correlation.info.file;
            entries_.push_back({std::move(draft), Problems(std::move(file), lint), {}, {}, {}});
        }
    }

    void run() {
        for (Entry& entry : entries_) find_targets(entry);
        order();
        for (uint32_t i = 0; i < entries_.size(); ++i) {
            if (!entries_[i].settled) refuse_circular(i);
        }
        decide_who_reports();
        for (Entry& entry : entries_) tell(entry);
    }

  private:
    struct Entry {
        CorrelationDraft draft;
        Problems problems;
        std::vector<const Known*> targets;                // of draft.rules
        std::vector<uint32_t> inner;                      // entries it refers to
        std::vector<uint32_t> outer;                      // entries that refer to it
        std::vector<std::vector<std::string>> renamed{};  // per alias, the field in each reference
        uint32_t waiting = 0;
        uint32_t depth = 1;
        bool settled = false;
        bool failed = false;
        uint32_t placed_at = 0;  // in set_.correlations
    };

    // --- names ---

    void find_targets(Entry& entry) {
        for (const Mention& mention : entry.draft.rules)
            entry.targets.push_back(find(entry, mention));
        refuse_repeated(entry);
        for (const CorrelationDraft::Alias& alias : entry.draft.aliases)
            entry.renamed.push_back(read_alias(entry, alias));
    }

    const Known* find(Entry& entry, const Mention& mention) {
        Problems& problems = entry.problems;
        const Catalogue::Found found = catalogue_.find(mention.text, problems.file());
        if (found.candidates.empty()) {
            const bool try_hard = suggestions_++ < kMaxSuggestions;
            problems.error(mention.at,
                           say(message::reference_unknown, mention.text),
                           try_hard ? catalogue_.nearest(mention.text) : "");
            return nullptr;
        }
        const Known& known = *found.candidates[0];
        if (found.candidates.size() > 1) {
            problems.error(mention.at, say_ambiguous(mention.text, found));
            return nullptr;
        }
        if (known.kind == Known::Kind::refused) {
            problems.error(mention.at,
                           say(message::reference_refused, mention.text, known.file, known.line));
            return nullptr;
        }
        if (known.kind == Known::Kind::first_seen || known.kind == Known::Kind::filter) {
            const bool filter = known.kind == Known::Kind::filter;
            problems.error(mention.at,
                           say(filter ? message::reference_filter : message::reference_first_seen,
                               mention.text));
            return nullptr;
        }
        if (found.by_title) {
            problems.warn(Lint::named_by_title,
                          mention.at,
                          say(message::reference_by_title, mention.text),
                          say(message::reference_by_title_hint, known.id));
        }
        return &known;
    }

    // Counting the same events twice is a mistake; the same step twice in a sequence is not.
    void refuse_repeated(Entry& entry) {
        if (entry.draft.correlation.type == CorrelationType::temporal_ordered) return;
        std::unordered_map<const Known*, size_t> first;
        for (size_t i = 0; i < entry.targets.size(); ++i) {
            if (!entry.targets[i]) continue;
            const auto [at, is_new] = first.emplace(entry.targets[i], i);
            if (is_new) continue;
            const Mention& mention = entry.draft.rules[i];
            entry.problems.error(
                mention.at,
                say(message::reference_twice, entry.draft.rules[at->second].text, mention.text));
        }
    }

    std::vector<std::string> read_alias(Entry& entry, const CorrelationDraft::Alias& alias) {
        std::vector<std::string> fields(entry.targets.size(), alias.name);
        for (const auto& [rule, field] : alias.fields) {
            const Known* target = nullptr;
            const auto& candidates = catalogue_.find(rule.text, entry.problems.file()).candidates;
            if (candidates.size() == 1) target = candidates[0];
            bool used = false;
            for (size_t i = 0; i < entry.targets.size(); ++i) {
                const bool same = entry.draft.rules[i].text == rule.text ||
                                  (target && target == entry.targets[i]);
                if (!same) continue;
                fields[i] = field;
                used = true;
            }
            if (!used)
                entry.problems.error(rule.at,
                                     say(message::correlation_alias_rule, alias.name, rule.text));
        }
        return fields;
    }

    // --- order ---

    void order() {
        for (uint32_t i = 0; i < entries_.size(); ++i) {
            for (const Known* target : entries_[i].targets) {
                if (!target || target->kind != Known::Kind::correlation) continue;
                entries_[i].inner.push_back(target->from);
                entries_[target->from].outer.push_back(i);
                ++entries_[i].waiting;
            }
        }
        std::deque<uint32_t> ready;
        for (uint32_t i = 0; i < entries_.size(); ++i) {
            if (entries_[i].waiting == 0) ready.push_back(i);
        }
        for (; !ready.empty(); ready.pop_front()) {
            Entry& entry = entries_[ready.front()];
            settle(entry);
            for (uint32_t outer : entry.outer) {
                if (--entries_[outer].waiting == 0) ready.push_back(outer);
            }
        }
    }

    void settle(Entry& entry) {
        entry.settled = true;
        for (size_t i = 0; i < entry.targets.size(); ++i) {
            const Known* target = entry.targets[i];
            if (!target || target->kind != Known::Kind::correlation) continue;
            const Entry& inner = entries_[target->from];
            entry.depth = std::max(entry.depth, inner.depth + 1);
            if (inner.failed) refuse_inner(entry, i);
        }
        if (entry.depth > match::kMaxCorrelationDepth) {
            entry.problems.error(entry.draft.at,
                                 say(message::correlation_depth, match::kMaxCorrelationDepth));
        }
        if (entry.problems.errors() == 0) fill_references(entry);
        entry.failed = entry.problems.errors() > 0;
        if (entry.failed) return;
        entry.placed_at = static_cast<uint32_t>(set_.correlations.size());
        set_.correlations.push_back(std::move(entry.draft.correlation));
    }

    void refuse_inner(Entry& entry, size_t reference) {
        const Mention& mention = entry.draft.rules[reference];
        const Known& inner = *entry.targets[reference];
        entry.problems.error(mention.at,
                             say(message::reference_refused, mention.text, inner.file, inner.line));
    }

    void refuse_circular(uint32_t start) {
        std::vector<uint32_t> path{start};
        std::vector<std::string> titles{entries_[start].draft.correlation.info.title};
        std::vector<bool> seen(entries_.size());
        for (uint32_t at = start; !seen[at];) {
            seen[at] = true;
            const auto& inner = entries_[at].inner;
            at = *std::find_if(
                inner.begin(), inner.end(), [&](uint32_t i) { return !entries_[i].settled; });
            path.push_back(at);
            titles.push_back(entries_[at].draft.correlation.info.title);
        }
        Entry& entry = entries_[start];
        entry.failed = true;
        if (path.back() == start) {
            entry.problems.error(entry.draft.at,
                                 say(message::correlation_cycle, joined(titles, " → ")));
            return;
        }
        for (size_t i = 0; i < entry.targets.size(); ++i) {
            const Known* target = entry.targets[i];
            if (target && target->kind == Known::Kind::correlation &&
                !entries_[target->from].settled)
                refuse_inner(entry, i);
        }
    }

    // --- fields ---

    void fill_references(Entry& entry) {
        for (size_t i = 0; i < entry.targets.size(); ++i) {
            const Known& target = *entry.targets[i];
            CorrelationReference reference;
            reference.name = entry.draft.rules[i].text;
            if (target.kind == Known::Kind::correlation) {
                reference.correlations.push_back(entries_[target.from].placed_at);
            } else {
                for (uint32_t rule = 0; rule < target.count; ++rule)
                    reference.rules.push_back(target.from + rule);
            }
            for (const Mention& key : entry.draft.group_by)
                reference.group_by.push_back(field_in(entry, i, key));
            for (const Mention& field : entry.draft.value_fields)
                reference.value_fields.push_back(field_in(entry, i, field));
            check_fields(entry, reference);
            warn_of_silence(entry, i);
            entry.draft.correlation.references.push_back(std::move(reference));
        }
        for (const CorrelationDraft::Alias& alias : entry.draft.aliases) {
            const auto uses = [&](const Mention& key) { return key.text == alias.name; };
            const auto& keys = entry.draft.group_by;
            const auto& values = entry.draft.value_fields;
            if (std::none_of(keys.begin(), keys.end(), uses) &&
                std::none_of(values.begin(), values.end(), uses))
                entry.problems.warn(Lint::unused_alias,
                                    alias.at,
                                    say(message::correlation_alias_unused, alias.name));
        }
    }

    static std::string field_in(const Entry& entry, size_t reference, const Mention& key) {
        for (size_t i = 0; i < entry.renamed.size(); ++i) {
            if (entry.draft.aliases[i].name == key.text) return entry.renamed[i][reference];
        }
        return key.text;
    }

    // Of a correlation, only its keys can be asked for; of a rule, any field, but lint knows which
    // its log source has.
    void check_fields(Entry& entry, const CorrelationReference& reference) {
        sigma::FieldCheck check;
        if (lint_ && !reference.rules.empty())
            check = sigma::field_check(set_.rules[reference.rules[0]].source, entry.problems);
        const auto look = [&](const std::string& field, Position at) {
            if (check) check(field, at);
            for (uint32_t inner : reference.correlations)
                require_key(entry, set_.correlations[inner], field, at);
        };
        for (size_t i = 0; i < reference.group_by.size(); ++i)
            look(reference.group_by[i], entry.draft.group_by[i].at);
        for (size_t i = 0; i < reference.value_fields.size(); ++i)
            look(reference.value_fields[i], entry.draft.value_fields[i].at);
    }

    static void require_key(Entry& entry,
                            const Correlation& inner,
                            const std::string& field,
                            Position at) {
        const auto& keys = inner.group_by;
        if (std::find(keys.begin(), keys.end(), field) != keys.end()) return;
        const std::vector<std::string_view> names(keys.begin(), keys.end());
        entry.problems.error(
            at,
            say(message::correlation_key,
                inner.info.title,
                field,
                keys.empty() ? say(message::correlation_no_keys) : joined(keys, ", ")),
            entry.problems.nearest(field, names));
    }

    // --- who reports ---

    // The default of `generate` is false, which makes a rule elsewhere fall silent: worth a word.
    void warn_of_silence(Entry& entry, size_t reference) {
        const Known& target = *entry.targets[reference];
        if (entry.draft.says_generate || target.file == entry.problems.file()) return;
        entry.problems.warn(Lint::silent_rule,
                            entry.draft.rules[reference].at,
                            say(message::correlation_silences, target.title),
                            say(message::correlation_silences_hint));
    }

    // A rule that a correlation refers to reports on its own when one of those correlations says
    // so.
    void decide_who_reports() {
        enum : uint8_t { untouched, silent, speaks };
        std::vector<uint8_t> rules(set_.rules.size(), untouched);
        std::vector<uint8_t> correlations(set_.correlations.size(), untouched);
        for (const Correlation& correlation : set_.correlations) {
            const uint8_t wish = correlation.generate ? speaks : silent;
            for (const CorrelationReference& reference : correlation.references) {
                for (uint32_t i : reference.rules) rules[i] = std::max(rules[i], wish);
                for (uint32_t i : reference.correlations)
                    correlations[i] = std::max(correlations[i], wish);
            }
        }
        for (size_t i = 0; i < rules.size(); ++i) {
            if (rules[i] == silent) set_.rules[i].reports = false;
        }
        for (size_t i = 0; i < correlations.size(); ++i) {
            if (correlations[i] == silent) set_.correlations[i].reports = false;
        }
    }

    void tell(Entry& entry) {
        if (entry.failed) ++set_.quarantined_count;
        if (!entry.failed) ++set_.loaded;
        take_diagnostics(entry.problems, set_);
    }

    const Catalogue& catalogue_;
    const bool lint_;
    RuleSet& set_;
    std::deque<Entry> entries_;
    size_t suggestions_ = 0;
};

}  // namespace

void Catalogue::add(Known known) {
    const auto at = static_cast<uint32_t>(known_.size());
    if (!known.id.empty()) by_id_[known.id].push_back(at);
    if (!known.name.empty()) by_name_[known.name].push_back(at);
    if (!known.title.empty()) by_title_[known.title].push_back(at);
    known_.push_back(std::move(known));
}

void Catalogue::add_also(std::string_view id, std::string_view name, std::string_view title) {
    const auto holder = by_id_.find(id);
    if (holder == by_id_.end()) return;
    const uint32_t at = holder->second[0];
    if (!name.empty() && name != known_[at].name) by_name_[std::string(name)].push_back(at);
    if (!title.empty() && title != known_[at].title) by_title_[std::string(title)].push_back(at);
}

Catalogue::Found Catalogue::find(std::string_view text, std::string_view file) const {
    for (const Index* index : {&by_id_, &by_name_}) {
        Found found = choose(*index, text, file);
        if (!found.candidates.empty()) return found;
    }
    Found found = choose(by_title_, text, file);
    found.by_title = true;
    return found;
}

Catalogue::Found Catalogue::choose(const Index& index,
                                   std::string_view text,
                                   std::string_view file) const {
    const auto entry = index.find(text);
    if (entry == index.end()) return {};
    const auto rank = [&](const Known& known) {
        return known.kind == Known::Kind::refused ? 0 : known.file == file ? 2 : 1;
    };
    Found found;
    int best = -1;
    for (uint32_t at : entry->second) {
        const Known& known = known_[at];
        if (rank(known) > best) found.candidates.clear();
        best = std::max(best, rank(known));
        if (rank(known) == best) found.candidates.push_back(&known);
    }
    if (best == 0) found.candidates.resize(1);  // all of them refused: one place is enough
    return found;
}

std::string Catalogue::nearest(std::string_view text) const {
    std::vector<std::string_view> names;
    for (const Index* index : {&by_id_, &by_name_, &by_title_}) {
        for (const auto& [name, _] : *index) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return suggest(text, names);
}

std::string say_ambiguous(std::string_view text, const Catalogue::Found& found) {
    std::vector<std::string> places;
    for (size_t i = 0; i < found.candidates.size() && i < kMaxPlacesNamed; ++i)
        places.push_back(place_of(*found.candidates[i]));
    if (found.candidates.size() > kMaxPlacesNamed) places.push_back("…");
    return say(message::reference_ambiguous, text, joined(places, ", "));
}

void take_diagnostics(Problems& problems, RuleSet& set) {
    for (Diagnostic& diagnostic : problems.take()) {
        auto& list = diagnostic.grade == Grade::error ? set.quarantined : set.warnings;
        list.push_back(std::move(diagnostic));
    }
}

void resolve_correlations(const Catalogue& catalogue,
                          std::vector<CorrelationDraft> drafts,
                          bool lint,
                          RuleSet& set) {
    Resolver(catalogue, std::move(drafts), lint, set).run();
}

}  // namespace yagura::rule
