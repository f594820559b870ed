#include "pipeline/backtest.h"

#include <algorithm>

#include "base/hash.h"
#include "base/messages/hunt.h"
#include "finding/throttle.h"
#include "query/records.h"

namespace yagura::pipeline {
namespace {

// What tells an event from the same event delivered twice; the lake holds each once.
uint64_t identity_of(const query::HuntHit& hit) {
    if (const auto own = logtype::event_identity(hit.type, hit.event)) return own->low;
    const uint64_t place[] = {static_cast<uint64_t>(hit.object), hit.event.ordinal};
    return hash128({reinterpret_cast<const char*>(place), sizeof place}).low;
}

int64_t last_event(const store::Snapshot& snapshot, const TimeRange& range) {
    int64_t last = 0;
    for (const std::string& type : snapshot.log_types()) {
        for (const store::Segment* segment : snapshot.segments(type, range))
            last = std::max(last, to_micros(segment->max_time));
    }
    return range.to ? std::min(last, to_micros(*range.to) - 1) : last;
}

std::vector<std::string> shown_fields() {
    std::set<std::string> fields;
    for (const logtype::LogType* type : logtype::all()) {
        for (const int slot : finding::part_slots_of(*type)) {
            if (slot >= 0) fields.emplace(type->fields[static_cast<size_t>(slot)].name);
        }
    }
    return {fields.begin(), fields.end()};
}

}  // namespace

void Reach::need(const rule::RuleSet& set, uint32_t index) {
    if (!correlations.insert(index).second) return;
    const match::Correlation& correlation = set.correlations[index];
    micros = std::max(micros, 2 * correlation.timespan);
    fields.insert(correlation.group_by.begin(), correlation.group_by.end());
    for (const match::CorrelationReference& reference : correlation.references) {
        rules.insert(reference.rules.begin(), reference.rules.end());
        fields.insert(reference.group_by.begin(), reference.group_by.end());
        fields.insert(reference.value_fields.begin(), reference.value_fields.end());
        for (const uint32_t inner : reference.correlations) need(set, inner);
    }
}

void Reach::need(const match::FirstSeen& first_seen) {
    rules.insert(first_seen.rules.begin(), first_seen.rules.end());
    fields.insert(first_seen.fields.begin(), first_seen.fields.end());
    fields.insert(first_seen.entity.begin(), first_seen.entity.end());
    micros =
        std::max(micros, first_seen.history + std::max(first_seen.learning, first_seen.entity_age));
}

Backtest::Backtest(const rule::RuleSet& set, Chosen chosen, const BacktestOptions& options)
    : set_(set),
      chosen_(std::move(chosen)),
      options_(options),
      targets_({set.rules, set.correlations, set.first_seen}),
      memory_(targets_) {
    std::map<std::string_view, size_t> by_id;
    // A first-seen rule and the rule whose matches it looks at are one file and one id.
    std::set<std::string_view> over_several;
    for (const uint32_t index : chosen_.first_seen)
        over_several.insert(set.first_seen[index].info.id);
    for (const uint32_t index : chosen_.rules) {
        const match::Rule& rule = set.rules[index];
        const bool is_looked_at = over_several.count(rule.info.id) > 0;
        if (!rule.reports && (options_.all || is_looked_at)) continue;
        const auto [at, is_new] = by_id.try_emplace(rule.info.id, tested.size());
        if (is_new) add(rule.info);
        ask(rule, at->second);
    }
    for (const uint32_t index : chosen_.correlations) {
        targets_chosen_[index] = tested.size();
        add(set.correlations[index].info);
        reach_.need(set, index);
    }
    for (const uint32_t index : chosen_.first_seen) {
        targets_chosen_[targets_.correlation_count() + index] = tested.size();
        add(set.first_seen[index].info);
        reach_.need(set.first_seen[index]);
    }
    for (const uint32_t index : reach_.rules) {
        const match::Rule& rule = set.rules[index];
        if (std::find(asked_.begin(), asked_.end(), &rule) == asked_.end()) ask(rule, kNobody);
    }
    if (options_.policy) prepare_judges();
}

void Backtest::prepare_judges() {
    exceptions.resize(options_.policy->exceptions.size());
    unheard_.resize(exceptions.size());
    std::vector<const match::RuleInfo*> infos;
    for (const match::Rule* rule : asked_) infos.push_back(&rule->info);
    for (const logtype::LogType* type : logtype::all())
        judges_.emplace(type, match::Judge(*options_.policy, *type, infos, options_.now));
    for (const auto& one : tested) {
        const auto& throttles = options_.policy->throttles;
        has_throttle_.push_back(std::any_of(throttles.begin(), throttles.end(), [&](const auto& t) {
            return t.choice.covers(one->info);
        }));
    }
}

Result<void> Backtest::run(store::Lake& lake, query::Hunt request) {
    YAGURA_TRY(const auto snapshot, lake.snapshot());
    give_reasons(snapshot);
    query::Objects objects(lake);
    detect::Batch batch(targets_, memory_, {.threads = std::max(1u, request.threads)});
    detect::SignalCollector& signals = batch.new_collector();
    std::map<const logtype::LogType*, detect::SignalPlan> plans;
    const TimeRange range = request.range;
    // Windows and memories that reach into the range begin before it.
    if (range.from)
        request.range.from =
            from_micros(std::max<int64_t>(0, to_micros(*range.from) - reach_.micros));
    request.rules = asked_;
    request.fields = shown_fields();
    request.fields.insert(request.fields.end(), reach_.fields.begin(), reach_.fields.end());
    request.want_fields = [&](const logtype::LogType& type, event::FieldPlan& fields) {
        auto& plan = plans[&type];
        plan = detect::SignalPlan(targets_, asked_, set_.rules);
        plan.want_fields(fields);
        if (const auto judge = judges_.find(&type); judge != judges_.end())
            judge->second.want_fields(fields);
    };
    for (const auto& [type, judge] : judges_) {
        for (std::string& field : judge.fields()) request.fields.push_back(std::move(field));
    }
    YAGURA_TRY(totals, query::hunt(lake, request, [&](const query::HuntHit& hit) {
                   const bool in_range = range.contains(hit.event.time);
                   judge(hit, in_range);
                   if (kept_.empty()) return;
                   const auto object = objects.find(hit.object);
                   const std::string_view path = object ? std::string_view(object->path) : "";
                   if (!reach_.rules.empty())
                       signals.add(plans[&hit.type],
                                   kept_,
                                   hit.event,
                                   hit.type,
                                   path,
                                   hit.event.ordinal,
                                   identity_of(hit));
                   if (in_range) add_hit(hit, path);
               }));
    std::optional<FiringJudge> firing_judge;
    if (options_.policy) firing_judge.emplace(*options_.policy, targets_, options_.now);
    YAGURA_TRY(correlations,
               batch.decide(last_event(snapshot, range), [&](const detect::Firing& firing) {
                   const bool is_chosen = targets_chosen_.count(firing.target) > 0;
                   if (!is_chosen || !range.contains(from_micros(firing.time))) return;
                   add_firing(lake, firing, firing_judge ? &*firing_judge : nullptr);
               }));
    hits.finish();
    settle();
    if (options_.policy && !options_.policy->throttles.empty()) throttle();
    return {};
}

// Leaves in kept_ the rules whose matches count, with the level of each in levels_.
void Backtest::judge(const query::HuntHit& hit, bool in_range) {
    kept_.assign(hit.rules.begin(), hit.rules.end());
    levels_.clear();
    const auto desk = judges_.find(&hit.type);
    if (desk == judges_.end()) {
        for (const uint32_t rule : kept_) levels_.push_back(asked_[rule]->info.level);
        return;
    }
    kept_.clear();
    for (const uint32_t rule : hit.rules) {
        const bool is_told = in_range && tested_of_[rule] != kNobody;
        const match::Verdict verdict =
            desk->second.look(rule, hit.event, is_told ? exceptions : unheard_);
        if (verdict.exception) {
            if (is_told) ++tested[tested_of_[rule]]->hidden[verdict.exception];
            continue;
        }
        kept_.push_back(rule);
        levels_.push_back(verdict.info->level);
    }
}

void Backtest::add_firing(store::Lake& lake, const detect::Firing& firing, FiringJudge* judge) {
    Tested& one = *tested[targets_chosen_.at(firing.target)];
    match::Level level = firing.rule->level;
    if (judge) {
        const match::Verdict verdict = judge->look(firing, exceptions);
        if (verdict.exception) {
            ++one.hidden[verdict.exception];
            return;
        }
        level = verdict.info->level;
    }
    ++one.levels[static_cast<size_t>(level)];
    detect::add_to(hits, firing, targets_);
    if (judge && has_throttle_[targets_chosen_.at(firing.target)])
        detect::add_to(throttled_, firing, targets_);
    keep_firing(lake, firing);
}

void Backtest::throttle() {
    std::map<const match::RuleInfo*, Tested*> by_info;
    for (const auto& one : tested) by_info[&one->info] = one.get();
    for (const auto& [target, which] : targets_chosen_)
        by_info[&targets_.info(target)] = tested[which].get();
    finding::Throttler throttler(options_.policy->throttles);
    throttled_.finish();
    throttled_.retain([&](const finding::HitView& hit) {
        const bool tells = throttler.tells(hit);
        if (!tells) ++by_info.at(hit.rule)->throttled;
        return tells;
    });
}

std::vector<Example> Backtest::examples() const {
    std::vector<Example> latest_first;
    for (auto at = examples_.rbegin(); at != examples_.rend(); ++at)
        latest_first.push_back(at->second);
    return latest_first;
}

void Backtest::ask(const match::Rule& rule, size_t for_whom) {
    asked_.push_back(&rule);
    tested_of_.push_back(for_whom);
}

Tested& Backtest::add(const match::RuleInfo& info) {
    tested.push_back(std::make_unique<Tested>());
    tested.back()->info = info;
    tested.back()->level = info.level;
    tested.back()->info.level = std::max(info.level, match::Level::low);
    return *tested.back();
}

void Backtest::add_hit(const query::HuntHit& hit, std::string_view path) {
    size_t last = kNobody;
    for (size_t i = 0; i < kept_.size(); ++i) {
        const size_t which = tested_of_[kept_[i]];
        if (which == last || which == kNobody) continue;  // another condition of the same rule
        last = which;
        Tested& one = *tested[which];
        ++one.levels[static_cast<size_t>(levels_[i])];
        hits.add(one.info, hit.event, hit.type, path, hit.event.ordinal);
        if (options_.policy && has_throttle_[which])
            throttled_.add(one.info, hit.event, hit.type, path, hit.event.ordinal);
    }
    if (last == kNobody || options_.examples == 0) return;
    const finding::PartSlots slots = finding::part_slots_of(hit.type);
    const auto part = [&](finding::Part which) {
        const int slot = slots[static_cast<size_t>(which)];
        return slot < 0 ? std::string()
                        : std::string(hit.event.text(static_cast<event::SlotId>(slot)));
    };
    keep_example({to_micros(hit.event.time),
                  std::string(hit.type.name),
                  part(finding::Part::event_id),
                  part(finding::Part::event_name),
                  part(finding::Part::account),
                  part(finding::Part::principal),
                  part(finding::Part::source_ip),
                  hit.object,
                  hit.event.ordinal});
}

void Backtest::keep_firing(store::Lake& lake, const detect::Firing& firing) {
    if (options_.examples == 0 || !firing.event.type) return;
    const auto object = lake.catalog().latest_at(firing.event.object);
    keep_example({firing.time,
                  std::string(firing.event.type->name),
                  firing.event.part(finding::Part::event_id),
                  firing.event.part(finding::Part::event_name),
                  firing.event.part(finding::Part::account),
                  firing.event.part(finding::Part::principal),
                  firing.event.part(finding::Part::source_ip),
                  object && *object ? (*object)->id : 0,
                  firing.event.ordinal});
}

void Backtest::keep_example(Example example) {
    if (examples_.size() >= options_.examples) {
        if (example.time <= examples_.begin()->first) return;
        examples_.erase(examples_.begin());
    }
    const int64_t time = example.time;
    examples_.emplace(time, std::move(example));
}

void Backtest::give_reasons(const store::Snapshot& snapshot) {
    const auto types = snapshot.log_types();
    for (size_t i = 0; i < asked_.size(); ++i) {
        if (tested_of_[i] == kNobody) continue;
        const bool known = std::any_of(types.begin(), types.end(), [&](const auto& name) {
            const logtype::LogType* type = logtype::find(name);
            return type && asked_[i]->source.covers(type->logsource);
        });
        if (!known) tested[tested_of_[i]]->reason = say(message::hunt_no_logs);
    }
}

void Backtest::settle() {
    std::map<const match::RuleInfo*, Tested*> by_info;
    for (const auto& one : tested) by_info[&one->info] = one.get();
    for (const auto& [target, which] : targets_chosen_)
        by_info[&targets_.info(target)] = tested[which].get();
    for (const finding::RuleTally& tally : hits.rules()) {
        Tested& one = *by_info.at(tally.rule);
        one.count = tally.count;
        one.first = tally.first;
        one.last = tally.last;
    }
    for (const finding::Finding& finding : hits.findings())
        by_info.at(hits.rules()[finding.rule].rule)->findings.push_back(&finding);
}

}  // namespace yagura::pipeline
