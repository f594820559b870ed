// Building a Program: share predicates, group them by field, choose witnesses, compile conditions.
#include "match/program.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include <fmt/format.h>

#include "base/text.h"
#include "match/program_impl.h"
#include "match/term.h"
#include "match/value_match.h"

namespace yagura::match {
namespace {

constexpr uint32_t kLeaves = 0;  // the field and the group of the record's string leaves

bool is_presence(Op op) {
    return op == Op::exists || op == Op::present || op == Op::null;
}

// Asked by itself, not by looking at the texts of a field.
bool is_alone(const Predicate& predicate) {
    return is_presence(predicate.op) || is_field_op(predicate.op) || !predicate.terms.empty();
}

void append_part(std::string& key, std::string_view part) {
    key += std::to_string(part.size());
    key += ':';
    key += part;
}

void append_key(std::string& key, const Term& term) {
    key += static_cast<char>('A' + static_cast<int>(term.kind));
    append_part(key, term.text);
    for (const Term::Step& step : term.path) {
        append_part(key, step.name);
        if (step.wanted) append_part(key += '=', *step.wanted);
    }
    key += fmt::format("({},{},{}", term.parts, term.index, term.null_is_text ? 1 : 0);
    for (const Term& inner : term.terms) append_key(key, inner);
    key += ')';
}

std::string operand_key(const Operand& operand) {
    std::string key(1, static_cast<char>('0' + static_cast<int>(operand.kind)));
    append_part(key, operand.text);
    key += std::to_string(std::bit_cast<uint64_t>(operand.number));
    return key;
}

// The same for predicates that ask the same of the same field, whatever the order of their
// operands.
std::string predicate_key(const Predicate& predicate, std::string_view field) {
    std::string key;
    append_part(key, field);
    key += static_cast<char>('A' + static_cast<int>(predicate.op));
    key += predicate.cased ? 'c' : 'f';
    key += static_cast<char>('0' + static_cast<int>(predicate.part));
    if (predicate.every) key += 'e';
    for (const Term& term : predicate.terms) append_key(key, term);
    if (is_presence(predicate.op)) return key;
    std::vector<std::string> operands;
    for (const Operand& operand : predicate.operands) operands.push_back(operand_key(operand));
    std::sort(operands.begin(), operands.end());
    operands.erase(std::unique(operands.begin(), operands.end()), operands.end());
    for (const std::string& operand : operands) append_part(key, operand);
    return key;
}

class Builder {
  public:
    Builder(const logtype::LogType& type, const Tuning& tuning, Program::Impl& out)
        : type_(type), dictionary_(type.fields), out_(out) {
        out_.tuning = tuning;
        out_.shape = type.shape;
        out_.fields.emplace_back();
        out_.groups.push_back({kLeaves, {}});
        name_field_ = role_field(type.roles.event_name);
        source_field_ = role_field(type.roles.event_source);
    }

    void build(std::span<const Rule* const> rules) {
        std::vector<std::vector<uint32_t>> ids(rules.size());
        for (size_t i = 0; i < rules.size(); ++i) {
            if (!rules[i]->source.covers(type_.logsource)) continue;
            for (const Predicate& predicate : rules[i]->predicates)
                ids[i].push_back(share(predicate));
            for (const OutputPart& part : rules[i]->output) note_fields(part.term);
        }
        for (const Program::Impl::Shared& shared : out_.predicates)
            costs_.push_back(cost_of(shared));
        lower_costs(rules, ids);
        DecisionTable table(costs_, out_.tuning.use_witnesses);
        for (size_t i = 0; i < rules.size(); ++i) {
            if (!rules[i]->source.covers(type_.logsource)) continue;
            ++out_.rule_count;
            out_.rules_of.push(table.add(rules[i]->condition, ids[i]), static_cast<uint32_t>(i));
        }
        add_decisions(table);
        assign_groups();
    }

  private:
    uint32_t role_field(int role) {
        if (role < 0 || static_cast<size_t>(role) >= type_.fields.size()) return kNever;
        return field_id(type_.fields[static_cast<size_t>(role)].name);
    }

    // One number for all names of a field.
    uint32_t field_id(std::string_view name) {
        if (name.empty()) return kLeaves;
        const auto found = dictionary_.find(name);
        const std::string_view canonical = found ? dictionary_[*found].name : name;
        const auto [entry, is_new] =
            field_ids_.emplace(canonical, static_cast<uint32_t>(out_.fields.size()));
        if (is_new) out_.fields.emplace_back(canonical);
        return entry->second;
    }

    void note_fields(const Term& term) {
        for_each_field(term, [this](const std::string& name) { field_id(name); });
    }

    uint32_t share(const Predicate& predicate) {
        const uint32_t field = field_id(predicate.field);
        const bool computed = !predicate.terms.empty();
        if (field == kLeaves && is_alone(predicate) && !computed) return kNever;
        for (const Term& term : predicate.terms) note_fields(term);
        const auto [entry, is_new] = known_.emplace(predicate_key(predicate, out_.fields[field]),
                                                    static_cast<uint32_t>(out_.predicates.size()));
        if (!is_new) return entry->second;
        Program::Impl::Shared shared{&predicate, field, {}};
        for (const Operand& operand : predicate.operands) {
            const bool names = operand.kind == Operand::Kind::field && !operand.text.empty();
            if (names && is_field_op(predicate.op)) shared.others.push_back(field_id(operand.text));
        }
        out_.predicates.push_back(std::move(shared));
        return entry->second;
    }

    bool is_rare(uint32_t field) const {
        const auto known = dictionary_.find(out_.fields[field]);
        return known && std::find(type_.rare.begin(), type_.rare.end(), *known) != type_.rare.end();
    }

    // A flag, or a value that most events have.
    bool is_common(const Operand& operand, uint32_t field) const {
        if (operand.kind == Operand::Kind::boolean) return true;
        const auto known = dictionary_.find(out_.fields[field]);
        return std::any_of(
            type_.common.begin(), type_.common.end(), [&](const logtype::CommonValue& common) {
                return known == common.field && equals_ignore_case(operand.text, common.value);
            });
    }

    // Orders by what a look costs and how few events it lets through. The numbers only rank: an
    // exact event name first, then patterns on it, then exact values elsewhere, and so on to
    // keywords, which read the whole record.
    PredicateCost cost_of(const Program::Impl::Shared& shared) const {
        const Predicate& predicate = *shared.predicate;
        const bool is_name = shared.field == name_field_;
        const bool rare = is_rare(shared.field);
        if (!predicate.terms.empty()) return {70, 965};
        if (is_presence(predicate.op)) return {2, predicate.op == Op::null ? 950u : 850u};
        if (is_field_op(predicate.op)) return {80, 960};
        if (shared.field == kLeaves) return {90, 970};
        if (predicate.part != TimePart::none || is_comparison(predicate.op)) return {30, 800};
        switch (predicate.op) {
            case Op::equals: {
                const bool common = std::any_of(
                    predicate.operands.begin(), predicate.operands.end(), [&](const Operand& o) {
                        return is_common(o, shared.field);
                    });
                if (is_name) return {0, 100};
                if (shared.field == source_field_) return {5, 400};
                return {20, common ? 840u : rare ? 320u : 500u};
            }
            case Op::empty:
                return {20, 860};
            case Op::regex:
                return {60, is_name ? 300u : rare ? 360u : 700u};
            case Op::cidr:
                return {40, 700};
            default:
                return {50, is_name ? 200u : rare ? 340u : 600u};
        }
    }

    // Where witnesses are looked for, all other texts of the field are answered along with them.
    void lower_costs(std::span<const Rule* const> rules,
                     std::span<const std::vector<uint32_t>> ids) {
        const DecisionTable sketch(costs_, out_.tuning.use_witnesses);
        std::vector<bool> is_looked_at(out_.fields.size(), false);
        std::vector<bool> is_witness(out_.predicates.size(), false);
        for (size_t i = 0; i < rules.size(); ++i) {
            if (!rules[i]->source.covers(type_.logsource)) continue;
            for (const uint32_t id : sketch.witness(rules[i]->condition, ids[i]).predicates) {
                is_witness[id] = true;
                is_looked_at[out_.predicates[id].field] = true;
            }
        }
        for (uint32_t id = 0; id < out_.predicates.size(); ++id) {
            const Program::Impl::Shared& shared = out_.predicates[id];
            const bool is_apart = shared.predicate->op == Op::regex && !is_witness[id];
            if (is_alone(*shared.predicate) || is_apart || !is_looked_at[shared.field]) continue;
            costs_[id].ask = std::min(costs_[id].ask, 1u);
        }
    }

    void add_decisions(const DecisionTable& table) {
        out_.steps = table.steps();
        for (uint32_t id = 0; id < table.decisions().size(); ++id) {
            const CompiledCondition& decision = table.decisions()[id];
            out_.decisions.push_back(decision.start);
            if (decision.witness.open && decision.start != kNo) out_.open.push_back(id);
            for (const uint32_t predicate : decision.witness.predicates) {
                out_.decisions_of.push(predicate, id);
                witnesses_.push_back(predicate);
            }
        }
        out_.rules_of.build(out_.decisions.size());
        out_.decisions_of.build(out_.predicates.size());
    }

    void assign_groups() {
        std::vector<bool> is_witness(out_.predicates.size(), false);
        for (const uint32_t id : witnesses_) is_witness[id] = true;
        for (uint32_t id = 0; id < out_.predicates.size(); ++id) {
            const uint32_t group = group_for(id, is_witness[id]);
            out_.group_of.push_back(group);
            if (group != kNever) out_.groups[group].matcher.add(id, *out_.predicates[id].predicate);
            if (is_witness[id] && group == kNever) out_.witness_predicates.push_back(id);
            if (is_witness[id] && group != kNever) out_.witness_groups.push_back(group);
        }
        for (Program::Impl::Group& group : out_.groups) group.matcher.build();
        auto& eager = out_.witness_groups;
        std::sort(eager.begin(), eager.end());
        eager.erase(std::unique(eager.begin(), eager.end()), eager.end());
    }

    uint32_t group_for(uint32_t id, bool is_witness) {
        const Program::Impl::Shared& shared = out_.predicates[id];
        if (is_alone(*shared.predicate)) return kNever;
        if (shared.field == kLeaves) return kLeaves;
        // Parts of a field: its witnesses with whatever is answered along with them, or its
        // predicates when it has none, and one for each other regular expression.
        const bool is_regex = shared.predicate->op == Op::regex;
        const uint32_t part = is_witness || !is_regex ? 0 : 1 + id;
        const auto [entry, is_new] = groups_.emplace(uint64_t{shared.field} << 32 | part,
                                                     static_cast<uint32_t>(out_.groups.size()));
        if (is_new) out_.groups.push_back({shared.field, {}});
        return entry->second;
    }

    const logtype::LogType& type_;
    const event::Dictionary dictionary_;
    Program::Impl& out_;
    uint32_t name_field_ = kNever;
    uint32_t source_field_ = kNever;
    std::unordered_map<std::string, uint32_t> field_ids_;
    std::unordered_map<uint64_t, uint32_t> groups_;  // field and part of it → group
    std::unordered_map<std::string, uint32_t> known_;
    std::vector<PredicateCost> costs_;
    std::vector<uint32_t> witnesses_;
};

}  // namespace

void Lists::build(size_t keys) {
    starts_.assign(keys + 1, 0);
    for (const auto& [key, value] : pending_) ++starts_[key + 1];
    std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
    values_.resize(pending_.size());
    std::vector<uint32_t> next(starts_.begin(), starts_.end() - 1);
    for (const auto& [key, value] : pending_) values_[next[key]++] = value;
    pending_ = {};
}

Program::Program(const logtype::LogType& type,
                 std::span<const Rule* const> rules,
                 const Tuning& tuning)
    : impl_(std::make_unique<Impl>()) {
    Builder(type, tuning, *impl_).build(rules);
}
Program::~Program() = default;
Program::Program(Program&&) noexcept = default;

void Program::want_fields(event::FieldPlan& plan) const {
    for (size_t i = 1; i < impl_->fields.size(); ++i) plan.want(impl_->fields[i]);
}

size_t Program::rule_count() const {
    return impl_->rule_count;
}

}  // namespace yagura::match
