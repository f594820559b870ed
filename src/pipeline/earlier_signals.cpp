#include "pipeline/earlier_signals.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/hash.h"
#include "query/hunt.h"
#include "query/records.h"

namespace yagura::pipeline {
namespace {

constexpr size_t kMaxMoments = 4096;  // asked for at once

// Below the kept bits: the events of a segment in their order, told apart from those of others.
uint64_t own_bits(int64_t segment, uint32_t event) {
    static_assert(store::kIdentityBits + 32 + 16 <= 64);
    return uint64_t{event} << 16 | static_cast<uint16_t>(segment);
}

using KeyValues = std::vector<std::optional<std::string_view>>;

KeyValues key_of(const std::vector<std::string>& names, event::Event& event) {
    KeyValues values;
    for (const std::string& name : names) values.push_back(text_of(event, name));
    return values;
}

std::optional<uint32_t> place_of(uint64_t evidence) {
    if (evidence >> 48 != detect::kElsewhere) return std::nullopt;
    return static_cast<uint32_t>(evidence);
}

bool covers(const match::Rule& rule, const logtype::LogType& type) {
    return rule.source.covers(type.logsource);
}

// Matches every event of a log type.
match::Rule any_event(const logtype::LogType& type) {
    match::Rule rule;
    rule.source = {std::string(type.logsource.product),
                   std::string(type.logsource.service),
                   std::string(type.logsource.category)};
    rule.condition.kind = match::Condition::Kind::constant;
    rule.condition.constant = true;
    return rule;
}

}  // namespace

EarlierSignals::EarlierSignals(const LakeRows& rows,
                               const detect::RulesView& rules,
                               const detect::Targets& targets,
                               const detect::SignalStreams& streams,
                               detect::SignalCollector& collector,
                               store::Lake lake,
                               store::Snapshot snapshot)
    : rows_(rows),
      rules_(rules),
      targets_(targets),
      streams_(streams),
      collector_(collector),
      lake_(std::move(lake)),
      snapshot_(std::move(snapshot)) {
    for (const detect::SignalStream& stream : streams.all())
        stream_places_.emplace(stream.id, static_cast<uint32_t>(stream_places_.size()));
}

Result<std::unique_ptr<EarlierSignals>> EarlierSignals::open(const LakeRows& rows,
                                                             const detect::RulesView& rules,
                                                             const detect::Targets& targets,
                                                             const detect::SignalStreams& streams,
                                                             detect::SignalCollector& collector) {
    YAGURA_TRY(auto lake, store::Lake::open(rows.lake));
    YAGURA_TRY(auto snapshot, lake.snapshot());
    return std::unique_ptr<EarlierSignals>(new EarlierSignals(
        rows, rules, targets, streams, collector, std::move(lake), std::move(snapshot)));
}

// True when the target waits for matches of rules about this log type.
bool EarlierSignals::is_about(uint32_t target, const logtype::LogType& type) const {
    const auto any_covers = [&](const std::vector<uint32_t>& places) {
        return std::any_of(places.begin(), places.end(), [&](uint32_t place) {
            return place < rules_.rules.size() && covers(rules_.rules[place], type);
        });
    };
    if (!targets_.is_correlation(target)) return any_covers(targets_.first_seen(target).rules);
    const auto& references = targets_.correlation(target).references;
    return std::any_of(references.begin(), references.end(), [&](const auto& reference) {
        return any_covers(reference.rules);
    });
}

std::vector<uint32_t> EarlierSignals::waiting(const logtype::LogType& type,
                                              const Asked& asked) const {
    std::vector<uint32_t> out;
    for (uint32_t target = 0; target < targets_.size(); ++target) {
        if (asked.is_waiting && !asked.is_waiting(target)) continue;
        if (is_about(target, type)) out.push_back(target);
    }
    return out;
}

Result<void> EarlierSignals::add(const Asked& asked) {
    Hunts hunts;
    for (const std::string& name : snapshot_->log_types()) {
        const logtype::LogType* type = logtype::find(name);
        if (!type) continue;
        const auto targets = waiting(*type, asked);
        if (targets.empty()) continue;
        for (const store::Segment* segment : snapshot_->segments(name, asked.range)) {
            const bool is_asked =
                segment->id >= asked.first_segment && segment->id < asked.before_segment &&
                segment->id < rows_.before_segment && segment->level != store::kSampleLevel;
            if (is_asked) YAGURA_CHECK(add_segment(*segment, targets, asked, hunts));
        }
    }
    for (const auto& [targets, segments] : hunts) YAGURA_CHECK(hunt(targets, segments, asked));
    return {};
}

// Adds what was kept of a segment; for the targets for which that is not all of it, the segment
// must be hunted. An event is one to a target only when all its signals come the same way.
Result<void> EarlierSignals::add_segment(const store::Segment& segment,
                                         const std::vector<uint32_t>& waiting,
                                         const Asked& asked,
                                         Hunts& hunts) {
    ++counts_.segments;
    YAGURA_TRY(const auto signals, lake_.catalog().signals_of(segment.id));
    std::optional<store::KeptSignals> kept;
    std::vector<uint8_t> has_stream(streams_.all().size(), 0);
    if (signals) {
        if (auto decoded = store::KeptSignals::decode(signals->bytes)) kept = std::move(*decoded);
    }
    for (const uint64_t id : kept ? std::span(signals->streams) : std::span<const uint64_t>()) {
        if (const auto at = stream_places_.find(id); at != stream_places_.end())
            has_stream[at->second] = 1;
    }
    std::vector<uint8_t> targets(targets_.size(), 0);
    std::vector<uint32_t> lacking;
    for (const uint32_t target : waiting) {
        const auto streams = streams_.of_target(target);
        const bool is_kept =
            targets_.is_correlation(target) && kept &&
            std::all_of(streams.begin(), streams.end(), [&](uint32_t s) { return has_stream[s]; });
        targets[target] = is_kept ? 1 : 0;
        if (!is_kept) lacking.push_back(target);
    }
    if (kept) add_kept(segment, *signals, *kept, targets, asked);
    if (lacking.empty()) return {};
    ++counts_.hunted;
    hunts[std::move(lacking)].insert(segment.id);
    return {};
}

void EarlierSignals::add_kept(const store::Segment& segment,
                              const store::SegmentSignals& signals,
                              const store::KeptSignals& kept,
                              const std::vector<uint8_t>& targets,
                              const Asked& asked) {
    constexpr uint32_t kNone = UINT32_MAX;
    const logtype::LogType* type = logtype::find(segment.log_type);
    std::vector<uint32_t> places(kept.events().size(), kNone);
    const auto evidence_of = [&](uint32_t event) {
        uint32_t& place = places[event];
        if (place == kNone) {
            place = static_cast<uint32_t>(places_.size());
            places_.push_back({kept.events()[event].time, kept.events()[event].identity, type});
        }
        return detect::evidence_id(detect::kElsewhere, place);
    };
    for (const store::KeptSignals::Run& run : kept.runs()) {
        if (run.signal.stream >= signals.streams.size()) continue;
        const auto at = stream_places_.find(signals.streams[run.signal.stream]);
        if (at == stream_places_.end()) continue;
        for (const detect::Use& use : streams_.all()[at->second].uses) {
            if (!targets[use.target]) continue;
            if (asked.is_wanted && !asked.is_wanted(use.target, run.signal.group)) continue;
            for (const uint32_t event : kept.members(run)) {
                const store::KeptEvent& of = kept.events()[event];
                if (!asked.range.contains(from_micros(of.time))) continue;
                collector_.add_kept({.time = of.time,
                                     .identity = of.identity | own_bits(segment.id, event),
                                     .group = run.signal.group,
                                     .value = run.signal.value,
                                     .evidence = evidence_of(event),
                                     .target = use.target,
                                     .reference = use.reference,
                                     .key = use.reference});
                ++counts_.kept;
            }
        }
    }
}

Result<void> EarlierSignals::hunt(const std::vector<uint32_t>& targets,
                                  const std::unordered_set<int64_t>& segments,
                                  const Asked& asked) {
    std::vector<uint8_t> is_target(targets_.size(), 0);
    for (const uint32_t target : targets) is_target[target] = 1;
    LakeRows rows = rows_;
    rows.range = asked.range;
    rows.segments = &segments;
    rows.snapshot = &*snapshot_;
    collector_.take_only([&](const detect::Signal& signal) {
        if (!is_target[signal.target]) return false;
        const bool is_correlation = targets_.is_correlation(signal.target);
        return !is_correlation || !asked.is_wanted || asked.is_wanted(signal.target, signal.group);
    });
    auto done = add_lake_signals(
        rows,
        rules_,
        targets_,
        [&](uint32_t target) { return is_target[target] != 0; },
        collector_);
    collector_.take_only({});
    return done;
}

// --- evidence ---

std::vector<EarlierSignals::Want> EarlierSignals::missing(
    const std::vector<detect::Decided>& decided) const {
    std::vector<Want> wants;
    const auto want = [&](uint64_t evidence, const detect::Decided& of, uint16_t reference) {
        const auto place = place_of(evidence);
        if (!place || *place >= places_.size()) return;
        const Want one{*place, of.target, of.group, reference};
        if (!evidence_.contains(one)) wants.push_back(one);
    };
    for (const detect::Decided& one : decided) {
        for (uint8_t i = 0; i < one.evidence_count; ++i) want(one.evidence[i], one, Want::kNoKey);
        want(one.evidence_of_key, one, one.key);
    }
    std::sort(wants.begin(), wants.end(), [&](const Want& a, const Want& b) {
        const Place& x = places_[a.place];
        const Place& y = places_[b.place];
        return std::tie(x.type, x.time, a) < std::tie(y.type, y.time, b);
    });
    wants.erase(std::unique(wants.begin(), wants.end()), wants.end());
    return wants;
}

Result<void> EarlierSignals::fetch(std::vector<detect::Decided>& decided) {
    const std::vector<Want> wants = missing(decided);
    for (size_t at = 0; at < wants.size();) {
        const logtype::LogType* type = places_[wants[at].place].type;
        size_t end = at;
        while (end < wants.size() && end - at < kMaxMoments &&
               places_[wants[end].place].type == type)
            ++end;
        YAGURA_CHECK(look_up(*type, std::span(wants).subspan(at, end - at)));
        at = end;
    }
    for (detect::Decided& one : decided) {
        for (uint8_t i = 0; i < one.evidence_count; ++i)
            one.evidence[i] = evidence_of(one.evidence[i], one, Want::kNoKey);
        if (!place_of(one.evidence_of_key)) continue;
        one.evidence_of_key = evidence_of(one.evidence_of_key, one, one.key);
        one.key = 0;
    }
    return {};
}

uint64_t EarlierSignals::evidence_of(uint64_t elsewhere,
                                     const detect::Decided& decided,
                                     uint16_t reference) const {
    const auto place = place_of(elsewhere);
    if (!place) return elsewhere;
    const auto found = evidence_.find({*place, decided.target, decided.group, reference});
    return found != evidence_.end() ? found->second : elsewhere;
}

// `wants` are of one log type, in order of time. Rows are found by their time and told apart by
// what is kept of their identity, and by the group.
Result<void> EarlierSignals::look_up(const logtype::LogType& type, std::span<const Want> wants) {
    const auto time_of = [&](const Want& want) { return places_[want.place].time; };
    std::vector<int64_t> moments;
    std::set<std::string> fields;
    add_shown_fields(fields);
    for (const Want& want : wants) {
        if (moments.empty() || moments.back() != time_of(want)) moments.push_back(time_of(want));
        for (const auto& reference : targets_.correlation(want.target).references)
            fields.insert(reference.group_by.begin(), reference.group_by.end());
    }
    const match::Rule rule = any_event(type);
    const match::Rule* const rules[] = {&rule};
    query::Hunt request;
    request.rules = rules;
    request.range = {from_micros(moments.front()), from_micros(moments.back() + 1)};
    request.fields.assign(fields.begin(), fields.end());
    request.threads = rows_.threads;
    request.without_sample = true;
    request.moments = moments;
    query::Objects objects(lake_);
    const auto visit = [&](const query::HuntHit& hit) {
        const int64_t time = to_micros(hit.event.time);
        auto want =
            std::lower_bound(wants.begin(), wants.end(), time, [&](const Want& w, int64_t t) {
                return time_of(w) < t;
            });
        if (&hit.type != &type || want == wants.end() || time_of(*want) != time) return;
        const auto object = objects.find(hit.object);
        const std::string path = object ? object->path : std::string();
        const uint64_t identity = store::kept_identity(signal_identity(hit.type, hit.event, path));
        for (; want != wants.end() && time_of(*want) == time; ++want) {
            // Better another event of that moment and group than none.
            const bool is_it = places_[want->place].identity == identity;
            if ((is_it || !evidence_.contains(*want)) && is_of_group(*want, hit.event))
                make_evidence(*want, hit.event, path);
        }
    };
    YAGURA_CHECK(query::hunt(lake_, request, visit));
    return {};
}

bool EarlierSignals::is_of_group(const Want& want, event::Event& event) const {
    const auto& references = targets_.correlation(want.target).references;
    const auto has_group = [&](const match::CorrelationReference& reference) {
        const KeyValues key = key_of(reference.group_by, event);
        return !reference.rules.empty() && detect::group_of(key) == want.group;
    };
    if (want.reference != Want::kNoKey) return has_group(references[want.reference]);
    return std::any_of(references.begin(), references.end(), has_group);
}

void EarlierSignals::make_evidence(const Want& want,
                                   event::Event& event,
                                   const std::string& object) {
    KeyValues key;
    const bool has_key = want.reference != Want::kNoKey;
    if (has_key)
        key = key_of(targets_.correlation(want.target).references[want.reference].group_by, event);
    const detect::KeyView keys[] = {key};
    const uint64_t place =
        collector_.evidence().append(told_of_row(*places_[want.place].type, event, object, notes_),
                                     std::span(keys, has_key ? 1 : 0));
    evidence_[want] = detect::evidence_id(collector_.number(), place);
    ++counts_.fetched;
}

}  // namespace yagura::pipeline
