#include "match/policy.h"

#include <algorithm>
#include <array>
#include <deque>
#include <set>

#include "base/text.h"
#include "match/program.h"
#include "match/slow.h"
#include "match/value_match.h"

namespace yagura::match {
namespace {

struct RoleWord {
    std::string_view word;
    int logtype::Roles::*role;
};
constexpr RoleWord kRoleWords[] = {
    {"account", &logtype::Roles::account},
    {"region", &logtype::Roles::region},
    {"principal", &logtype::Roles::principal},
    {"source_ip", &logtype::Roles::source_ip},
    {"access_key", &logtype::Roles::access_key},
    {"user_agent", &logtype::Roles::user_agent},
    {"event_name", &logtype::Roles::event_name},
    {"event_source", &logtype::Roles::event_source},
    {"error_code", &logtype::Roles::error_code},
    {"target", &logtype::Roles::target},
};
constexpr int kHighest = static_cast<int>(Level::critical);

// The scope for one log type: role words become its fields.
Rule scope_for(const Rule& scope, const logtype::LogType& type) {
    Rule out;
    out.predicates = scope.predicates;
    out.condition = scope.condition;
    for (Predicate& predicate : out.predicates) {
        if (predicate.field.empty()) continue;
        predicate.field = role_field(type, predicate.field);
        for (Operand& operand : predicate.operands) {
            if (operand.kind == Operand::Kind::field) operand.text = role_field(type, operand.text);
        }
        // No field of that kind here: no value of it either.
        if (predicate.field.empty()) predicate.field = "\x01";
    }
    return out;
}

Level changed(Level level, const LevelChange& change) {
    const int from = static_cast<int>(change.set.value_or(level));
    return static_cast<Level>(std::clamp(from + change.shift, 0, kHighest));
}

}  // namespace

bool RuleChoice::covers(const RuleInfo& rule) const {
    if (rules.empty() && tags.empty()) return true;
    const std::string id = fold_case(rule.id);
    const std::string title = fold_case(rule.title);
    for (const std::string& wanted : rules) {
        if (glob_matches(id, wanted) || glob_matches(title, wanted)) return true;
    }
    return std::any_of(rule.tags.begin(), rule.tags.end(), [&](const std::string& tag) {
        return std::find(tags.begin(), tags.end(), fold_case(tag)) != tags.end();
    });
}

std::string role_field(const logtype::LogType& type, std::string_view word) {
    for (const RoleWord& row : kRoleWords) {
        if (row.word != word) continue;
        const int slot = type.roles.*row.role;
        return slot < 0 ? std::string() : std::string(type.fields[static_cast<size_t>(slot)].name);
    }
    return std::string(word);
}

std::span<const std::string_view> role_words() {
    static const auto words = [] {
        std::array<std::string_view, std::size(kRoleWords)> out;
        std::transform(
            std::begin(kRoleWords), std::end(kRoleWords), out.begin(), [](const RoleWord& row) {
                return row.word;
            });
        return out;
    }();
    return words;
}

struct Judge::Impl {
    struct HeldException {
        const Exception* exception;
        size_t place;  // in Policy::exceptions
        Rule scope;
    };
    struct Change {
        const LevelChange* change;
        Rule scope;
    };
    // What is to be asked about the matches of one rule; indices into the lists below.
    struct Docket {
        const RuleInfo* info;
        std::vector<uint32_t> exceptions;
        std::vector<uint32_t> changes;
        RuleInfo* levels[kHighest + 1] = {};  // the rule at other levels; null: its own
    };

    logtype::Shape shape;
    std::vector<HeldException> exceptions;
    std::vector<Change> changes;
    std::vector<Docket> dockets;
    std::deque<RuleInfo> copies;
    std::unique_ptr<Program> program;  // of all scopes, for the fields they look at

    bool holds(const Rule& scope, event::Event& event) const {
        return matches_slowly(scope, event, shape);
    }

    void make_levels(Docket& docket) {
        for (int level = 0; level <= kHighest; ++level) {
            if (static_cast<Level>(level) == docket.info->level) continue;
            copies.push_back(*docket.info);
            copies.back().level = static_cast<Level>(level);
            docket.levels[level] = &copies.back();
        }
    }

    Docket docket_of(const RuleInfo& rule) {
        Docket docket{.info = &rule};
        for (uint32_t i = 0; i < exceptions.size(); ++i) {
            if (exceptions[i].exception->choice.covers(rule)) docket.exceptions.push_back(i);
        }
        for (uint32_t i = 0; i < changes.size(); ++i) {
            if (changes[i].change->choice.covers(rule)) docket.changes.push_back(i);
        }
        if (!docket.changes.empty()) make_levels(docket);
        return docket;
    }
};

Judge::Judge(const Policy& policy,
             const logtype::LogType& type,
             std::span<const RuleInfo* const> rules,
             Timestamp now)
    : impl_(std::make_unique<Impl>()) {
    impl_->shape = type.shape;
    for (size_t i = 0; i < policy.exceptions.size(); ++i) {
        const Exception& exception = policy.exceptions[i];
        if (exception.expires && *exception.expires <= now) continue;
        impl_->exceptions.push_back({&exception, i, scope_for(exception.scope, type)});
    }
    for (const LevelChange& change : policy.changes)
        impl_->changes.push_back({&change, scope_for(change.scope, type)});
    for (const RuleInfo* rule : rules) impl_->dockets.push_back(impl_->docket_of(*rule));
    std::vector<const Rule*> scopes;
    for (const auto& held : impl_->exceptions) scopes.push_back(&held.scope);
    for (const auto& change : impl_->changes) scopes.push_back(&change.scope);
    impl_->program = std::make_unique<Program>(type, scopes);
}

Judge::~Judge() = default;
Judge::Judge(Judge&&) noexcept = default;

void Judge::want_fields(event::FieldPlan& plan) const {
    impl_->program->want_fields(plan);
}

std::vector<std::string> Judge::fields() const {
    std::set<std::string> names;
    const auto collect = [&](const Rule& scope) {
        for (const Predicate& predicate : scope.predicates) {
            names.insert(predicate.field);
            for (const Operand& operand : predicate.operands) {
                if (operand.kind == Operand::Kind::field) names.insert(operand.text);
            }
        }
    };
    for (const auto& held : impl_->exceptions) collect(held.scope);
    for (const auto& change : impl_->changes) collect(change.scope);
    names.erase("");  // keywords look at the record
    return {names.begin(), names.end()};
}

Verdict Judge::look(uint32_t rule, event::Event& event, ExceptionTally& tally) const {
    const Impl::Docket& docket = impl_->dockets[rule];
    Verdict verdict{.info = docket.info};
    for (const uint32_t i : docket.exceptions) {
        const Impl::HeldException& held = impl_->exceptions[i];
        if (!held.exception->during.contains(event.time) || !impl_->holds(held.scope, event))
            continue;
        ++tally[held.place];
        if (!held.exception->only_counts && !verdict.exception) verdict.exception = held.exception;
    }
    Level level = docket.info->level;
    for (const uint32_t i : docket.changes) {
        const Impl::Change& change = impl_->changes[i];
        if (impl_->holds(change.scope, event)) level = changed(level, *change.change);
    }
    if (level != docket.info->level) verdict.info = docket.levels[static_cast<size_t>(level)];
    return verdict;
}

}  // namespace yagura::match
