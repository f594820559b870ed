#include "pipeline/lake_signals.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/hash.h"
#include "finding/hit.h"
#include "finding/resource_notes.h"
#include "query/hunt.h"
#include "query/records.h"
#include "store/lake.h"

namespace yagura::pipeline {
namespace {

// What targets ask of the matches of a rule.
void add_fields_of(const detect::Targets& targets, detect::Use use, std::set<std::string>& fields) {
    const auto add = [&](const std::vector<std::string>& names) {
        fields.insert(names.begin(), names.end());
    };
    if (targets.is_correlation(use.target)) {
        const auto& reference = targets.correlation(use.target).references[use.reference];
        add(reference.group_by);
        add(reference.value_fields);
    } else {
        add(targets.first_seen(use.target).fields);
        add(targets.first_seen(use.target).entity);
    }
}

// Rules to ask, with their places in the rule set, and the fields to bring along.
struct Asked {
    std::vector<const match::Rule*> rules;
    std::vector<uint32_t> places;
    std::set<std::string> fields;

    void add(const match::Rule& rule, uint32_t place) {
        rules.push_back(&rule);
        places.push_back(place);
    }
};

// The policy's word on rows, by the place of a rule in RulesView::rules.
class RowJudges {
  public:
    RowJudges(const match::Policy* policy, std::span<const match::Rule> rules) {
        if (!policy || policy->exceptions.empty()) return;
        std::vector<const match::RuleInfo*> infos;
        for (const match::Rule& rule : rules) infos.push_back(&rule.info);
        for (const logtype::LogType* type : logtype::all())
            judges_.emplace(type, match::Judge(*policy, *type, infos, current_time()));
        unheard_.resize(policy->exceptions.size());
    }
    void want_fields(std::set<std::string>& fields) const {
        for (const auto& [type, judge] : judges_) {
            for (std::string& field : judge.fields()) fields.insert(std::move(field));
        }
    }
    bool holds_back(uint32_t rule, const logtype::LogType& type, event::Event& event) {
        const auto judge = judges_.find(&type);
        return judge != judges_.end() && judge->second.look(rule, event, unheard_).exception;
    }

  private:
    std::map<const logtype::LogType*, match::Judge> judges_;
    match::ExceptionTally unheard_;  // these matches were counted when the rows came
};

Result<void> hunt(const LakeRows& rows,
                  const Asked& asked,
                  store::Lake& lake,
                  const query::HuntVisitor& visitor) {
    query::Hunt request;
    request.rules = asked.rules;
    request.range = rows.range;
    request.fields.assign(asked.fields.begin(), asked.fields.end());
    request.threads = rows.threads;
    request.before_segment = rows.before_segment;
    request.without_sample = true;
    request.interrupted = rows.interrupted;
    request.segments = rows.segments;
    request.snapshot = rows.snapshot;
    YAGURA_CHECK(query::hunt(lake, request, visitor));
    return {};
}

}  // namespace

void add_shown_fields(std::set<std::string>& fields) {
    for (const logtype::LogType* type : logtype::all()) {
        for (const int slot : finding::part_slots_of(*type)) {
            if (slot >= 0) fields.emplace(type->fields[static_cast<size_t>(slot)].name);
        }
        for (const std::string_view field : finding::ResourceNotes::fields_of(*type))
            fields.emplace(field);
    }
}

std::optional<std::string_view> text_of(event::Event& event, std::string_view name) {
    const event::SlotId slot = event.plan().find(name);
    if (slot == event::kNoSlot) return std::nullopt;
    const event::ValueView& value = event.value(slot);
    if (value.kind == event::Kind::absent || value.kind == event::Kind::null) return std::nullopt;
    return event::plain_text(value, event.arena());
}

finding::ToldEvent told_of_row(const logtype::LogType& type,
                               event::Event& event,
                               std::string_view object,
                               finding::ResourceNotes& notes) {
    finding::ToldEvent told{.time = to_micros(event.time),
                            .ordinal = event.ordinal,
                            .type = &type,
                            .object = object,
                            .parts = {},
                            .resource_note = notes.take(event, type)};
    const finding::PartSlots slots = finding::part_slots_of(type);
    for (size_t i = 0; i < finding::kParts; ++i) {
        if (slots[i] >= 0) told.parts[i] = event.text(static_cast<event::SlotId>(slots[i]));
    }
    return told;
}

uint64_t signal_identity(const logtype::LogType& type,
                         event::Event& event,
                         std::string_view object_path) {
    if (const auto own = logtype::event_identity(type, event)) return own->low;
    return hash64(object_path, event.ordinal);
}

Result<void> add_lake_signals(const LakeRows& rows,
                              const detect::RulesView& rules,
                              const detect::Targets& targets,
                              const std::function<bool(uint32_t)>& is_wanted,
                              detect::SignalCollector& signals) {
    Asked asked;
    for (uint32_t i = 0; i < rules.rules.size(); ++i) {
        bool any = false;
        for (const detect::Use& use : targets.uses_of_rule(i)) {
            if (!is_wanted(use.target)) continue;
            any = true;
            add_fields_of(targets, use, asked.fields);
        }
        if (any) asked.add(rules.rules[i], i);
    }
    if (asked.rules.empty()) return {};
    add_shown_fields(asked.fields);
    RowJudges judges(rows.policy, rules.rules);
    judges.want_fields(asked.fields);
    YAGURA_TRY(auto lake, store::Lake::open(rows.lake));
    query::Objects objects(lake);
    finding::ResourceNotes notes;
    return hunt(rows, asked, lake, [&](const query::HuntHit& hit) {
        const auto object = objects.find(hit.object);
        const std::string path = object ? object->path : std::string();
        const finding::ToldEvent event = told_of_row(hit.type, hit.event, path, notes);
        const uint64_t identity = signal_identity(hit.type, hit.event, path);
        for (const uint32_t rule : hit.rules) {
            if (judges.holds_back(asked.places[rule], hit.type, hit.event)) continue;
            signals.add_row(asked.places[rule], event, identity, [&](std::string_view name) {
                return text_of(hit.event, name);
            });
        }
    });
}

Result<void> learn_from_lake(const LakeRows& rows,
                             const detect::RulesView& rules,
                             const detect::Targets& targets,
                             const std::function<bool(size_t)>& is_wanted,
                             detect::FirstSeenMemory& memory) {
    Asked asked;
    std::vector<std::vector<uint32_t>> learners;  // by place in asked.rules
    for (uint32_t i = 0; i < rules.rules.size(); ++i) {
        std::vector<uint32_t> of_rule;
        for (const detect::Use& use : targets.uses_of_rule(i)) {
            if (targets.is_correlation(use.target)) continue;
            const uint32_t place = use.target - targets.correlation_count();
            if (!is_wanted(place)) continue;
            of_rule.push_back(place);
            add_fields_of(targets, use, asked.fields);
        }
        if (of_rule.empty()) continue;
        asked.add(rules.rules[i], i);
        learners.push_back(std::move(of_rule));
    }
    if (asked.rules.empty()) return {};
    YAGURA_TRY(auto lake, store::Lake::open(rows.lake));
    std::vector<std::optional<std::string_view>> values, entity;
    const auto read =
        [&](const query::HuntHit& hit, const std::vector<std::string>& names, auto& out) {
            out.clear();
            for (const std::string& name : names) out.push_back(text_of(hit.event, name));
        };
    return hunt(rows, asked, lake, [&](const query::HuntHit& hit) {
        for (const uint32_t rule : hit.rules) {
            for (const uint32_t place : learners[rule]) {
                const match::FirstSeen& learner = targets.all_first_seen()[place];
                read(hit, learner.fields, values);
                read(hit, learner.entity, entity);
                const bool complete =
                    std::all_of(values.begin(), values.end(), [](const auto& v) { return v; });
                if (complete) memory.learn(place, to_micros(hit.event.time), values, entity);
            }
        }
    });
}

}  // namespace yagura::pipeline
