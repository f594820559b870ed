#include "match/program.h"

#include <algorithm>

#include "match/slow.h"

namespace yagura::match {

struct Program::Impl {
    logtype::Shape shape;
    std::vector<std::pair<uint32_t, const Rule*>> rules;
};

Program::Program(const logtype::LogType& type, std::span<const Rule* const> rules)
    : impl_(std::make_unique<Impl>()) {
    impl_->shape = type.shape;
    for (uint32_t i = 0; i < rules.size(); ++i) {
        if (rules[i]->source.covers(type.logsource)) impl_->rules.emplace_back(i, rules[i]);
    }
}
Program::~Program() = default;
Program::Program(Program&&) noexcept = default;

void Program::want_fields(event::FieldPlan& plan) const {
    for (const auto& [index, rule] : impl_->rules) {
        for (const Predicate& predicate : rule->predicates) {
            if (!predicate.field.empty()) plan.want(predicate.field);
            for (const Operand& operand : predicate.operands) {
                if (operand.kind == Operand::Kind::field) plan.want(operand.text);
            }
        }
    }
}

size_t Program::rule_count() const {
    return impl_->rules.size();
}

struct Evaluator::Impl {
    const Program::Impl& program;
};

Evaluator::Evaluator(const Program& program, const event::FieldPlan&)
    : impl_(std::make_unique<Impl>(Impl{program.impl()})) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;

void Evaluator::match(event::Event& event, std::vector<uint32_t>& hits) {
    for (const auto& [index, rule] : impl_->program.rules) {
        if (matches_slowly(*rule, event, impl_->program.shape)) hits.push_back(index);
    }
}

}  // namespace yagura::match
