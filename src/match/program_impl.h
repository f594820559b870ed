// What a Program holds; shared by its two halves, building (program.cpp) and running
// (evaluator.cpp).
#pragma once

#include <string>
#include <vector>

#include "match/decision.h"
#include "match/field_matcher.h"
#include "match/program.h"

namespace yagura::match {

// Lists of numbers under consecutive keys, in one piece of memory.
class Lists {
  public:
    void push(uint32_t key, uint32_t value) { pending_.emplace_back(key, value); }
    void build(size_t keys);
    std::span<const uint32_t> operator[](uint32_t key) const {
        return {values_.data() + starts_[key], starts_[key + 1] - starts_[key]};
    }

  private:
    std::vector<std::pair<uint32_t, uint32_t>> pending_;
    std::vector<uint32_t> starts_;
    std::vector<uint32_t> values_;
};

struct Program::Impl {
    // Text predicates of one field that are answered together: in every event when a witness is
    // among them, else when a rule gets to them. Each regular expression that is no witness is by
    // itself, as it costs more than all the rest. Group 0 is the record's string leaves.
    struct Group {
        uint32_t field;
        FieldMatcher matcher;
    };
    // A predicate as all rules share it.
    struct Shared {
        const Predicate* predicate;
        uint32_t field;                // index into fields
        std::vector<uint32_t> others;  // field_*: the fields to compare with
    };

    Tuning tuning;
    logtype::Shape shape;
    size_t rule_count = 0;
    std::vector<std::string> fields;  // canonical names; 0 is "", the leaves
    std::vector<Group> groups;
    std::vector<Shared> predicates;
    std::vector<uint32_t> group_of;  // by predicate; kNever: asked alone (presence, null, field_*)
    std::vector<Step> steps;
    std::vector<uint32_t> decisions;  // first step of each distinct condition
    Lists rules_of;                   // decision → rules
    Lists decisions_of;               // predicate, as a witness → decisions
    std::vector<uint32_t> open;       // decisions without a witness
    // Where witnesses are looked for in each event.
    std::vector<uint32_t> witness_groups;
    std::vector<uint32_t> witness_predicates;  // those outside groups
};

}  // namespace yagura::match
