#include "detect/collector.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/byte_scan.h"
#include "base/hash.h"
#include "base/ip.h"
#include "match/value_match.h"

namespace yagura::detect {
namespace {

constexpr size_t kMany = 1024;  // signals of one shard

// What a target asks of the events of a reference, by name.
struct Wanted {
    std::span<const std::string> key, value, entity;
};

Wanted wanted_of(const Targets& targets, Use use) {
    if (targets.is_correlation(use.target)) {
        const auto& reference = targets.correlation(use.target).references[use.reference];
        return {reference.group_by, reference.value_fields, {}};
    }
    const match::FirstSeen& rule = targets.first_seen(use.target);
    return {rule.fields, {}, rule.entity};
}

bool takes_number(match::CorrelationType type) {
    return type == match::CorrelationType::value_sum || type == match::CorrelationType::value_avg ||
           type == match::CorrelationType::value_percentile ||
           type == match::CorrelationType::value_median;
}

// Absent and empty are different values, and ("ab", "c") is not ("a", "bc").
enum class Asked : uint8_t { key, value, entity };

template <class List>
const List& pick(Asked asked, const List& key, const List& value, const List& entity) {
    return asked == Asked::key ? key : asked == Asked::value ? value : entity;
}

// IPv6 has its first colon among its first five characters. Hardly any address gets further.
inline bool may_be_v6(std::string_view address) {
    if (address.size() < sizeof(uint64_t)) return address.find(':') != std::string_view::npos;
    uint64_t word = 0;
    std::memcpy(&word, address.data(), sizeof word);
    return (byte_scan::zeros(word ^ uint64_t{':'} * byte_scan::kEach) & byte_scan::kTops) != 0;
}

uint64_t hash_value(const std::optional<std::string_view>& value, uint64_t seed) {
    return value ? hash64(*value, seed) : hash64("absent", ~seed);
}

// What an event is worth to a correlation of this type; nullopt: nothing, it is not counted.
template <class Get>
std::optional<uint64_t> value_of(match::CorrelationType type, const Get& get) {
    bool usable = true;
    uint64_t worth = 0;
    get(Asked::value, [&](const std::optional<std::string_view>& value) {
        usable = usable && value;
        if (!usable) return;
        if (!takes_number(type)) {
            worth = hash_value(value, worth);
            return;
        }
        const auto number = match::parse_number(*value);
        usable = number && std::isfinite(*number);
        if (usable) worth = std::bit_cast<uint64_t>(*number);
    });
    if (!usable) return std::nullopt;
    return takes_number(type) ? worth : worth & kValueBits;
}

}  // namespace

SignalPlan::SignalPlan(const Targets& targets,
                       std::span<const match::Rule* const> rules,
                       std::span<const match::Rule> all_rules)
    : targets_(&targets), uses_(rules.size()) {
    for (size_t i = 0; i < rules.size(); ++i) {
        const auto rule = static_cast<uint32_t>(rules[i] - all_rules.data());
        for (const Use& use : targets.uses_of_rule(rule)) uses_[i].push_back({use, {}, {}, {}});
    }
}

void SignalPlan::want_fields(event::FieldPlan& fields) {
    const auto known = fields.dictionary().fields();  // in the first slots
    const auto slots = [&](std::span<const std::string> names) {
        std::vector<Slot> out;
        for (const std::string& name : names) {
            const event::SlotId id = fields.want(name);
            out.push_back({id, id < known.size() && known[id].type == event::Type::ip});
        }
        return out;
    };
    for (auto& uses : uses_) {
        for (Ready& ready : uses) {
            const Wanted wanted = wanted_of(*targets_, ready.use);
            ready.key = slots(wanted.key);
            ready.value = slots(wanted.value);
            ready.entity = slots(wanted.entity);
        }
    }
}

SignalCollector::SignalCollector(const Targets& targets, uint32_t number, uint64_t max_signals)
    : targets_(targets),
      number_(number),
      max_signals_(std::max<uint64_t>(max_signals, 1)),
      buckets_(size_t{targets.level_count()} * kShards),
      runs_(buckets_.size()) {}

const std::optional<Error>& SignalCollector::error() const {
    return error_ ? error_ : evidence_.error();
}

void SignalCollector::add(const SignalPlan& plan,
                          std::span<const uint32_t> matches,
                          event::Event& event,
                          const logtype::LogType& type,
                          std::string_view object,
                          uint64_t ordinal,
                          uint64_t identity) {
    begin(to_micros(event.time), identity);
    const auto text = [&](SignalPlan::Slot slot) -> std::optional<std::string_view> {
        if (slot.id == event::kNoSlot) return std::nullopt;
        const event::ValueView& value = event.value(slot.id);
        if (value.kind == event::Kind::absent || value.kind == event::Kind::null)
            return std::nullopt;
        const std::string_view plain = event::plain_text(value, event.arena());
        return slot.is_address && may_be_v6(plain) ? spelled(plain) : plain;
    };
    for (const uint32_t match : matches) {
        if (!plan.is_wanted(match)) continue;
        for (const SignalPlan::Ready& ready : plan.uses_[match]) {
            make_signal(ready.use, [&](Asked asked, const auto& visit) {
                const auto& slots = pick(asked, ready.key, ready.value, ready.entity);
                for (const SignalPlan::Slot slot : slots) visit(text(slot));
            });
        }
    }
    if (fresh_.empty()) return;
    if (part_type_ != &type) part_slots_ = finding::part_slots_of(type);
    part_type_ = &type;
    finding::ToldEvent told{.time = next_.time,
                            .ordinal = ordinal,
                            .type = &type,
                            .object = object,
                            .parts = {},
                            .resource_note = notes_.take(event, type)};
    for (size_t i = 0; i < finding::kParts; ++i) {
        if (part_slots_[i] >= 0)
            told.parts[i] = event.text(static_cast<event::SlotId>(part_slots_[i]));
    }
    auto& address = told.parts[static_cast<size_t>(finding::Part::source_ip)];
    if (may_be_v6(address)) address = spelled(address);
    end(told);
}

void SignalCollector::add_row(uint32_t rule,
                              const finding::ToldEvent& event,
                              uint64_t identity,
                              const FieldReader& field) {
    begin(event.time, identity);
    const auto kept = [&](const std::string& name) -> std::optional<std::string_view> {
        const auto value = field(name);
        if (!value) return std::nullopt;
        return texts_.emplace_back(*value);
    };
    for (const Use& use : targets_.uses_of_rule(rule)) {
        const Wanted wanted = wanted_of(targets_, use);
        make_signal(use, [&](Asked asked, const auto& visit) {
            const auto names = pick(asked, wanted.key, wanted.value, wanted.entity);
            for (const std::string& name : names) visit(kept(name));
        });
    }
    if (!fresh_.empty()) end(event);
}

void SignalCollector::add_firing(const Firing& firing) {
    const uint64_t about[] = {firing.target, firing.group, static_cast<uint64_t>(firing.time)};
    begin(firing.time, hash64({reinterpret_cast<const char*>(about), sizeof about}));
    const auto names = targets_.key_names(firing.target);
    const auto key_value = [&](const std::string& name) -> std::optional<std::string_view> {
        const auto at = std::find(names.begin(), names.end(), name);
        if (at == names.end()) return std::nullopt;
        const auto& value = firing.key[static_cast<size_t>(at - names.begin())];
        return value ? std::optional<std::string_view>(*value) : std::nullopt;
    };
    for (const Use& use : targets_.uses_of_correlation(firing.target)) {
        const Wanted wanted = wanted_of(targets_, use);
        make_signal(use, [&](Asked asked, const auto& visit) {
            const auto fields = pick(asked, wanted.key, wanted.value, wanted.entity);
            for (const std::string& name : fields) visit(key_value(name));
        });
    }
    if (fresh_.empty()) return;
    const std::string note = finding::ResourceNotes::note_of(firing.resources);
    finding::ToldEvent told = firing.event.told();
    told.resource_note = note;
    end(told);
}

void SignalCollector::begin(int64_t time, uint64_t identity) {
    next_ = {.time = time, .identity = identity};
    fresh_.clear();
    keys_.clear();
    key_values_.clear();
    if (!texts_.empty()) texts_.clear();
}

// As the lake's column has it (store/row_buffer.cpp): an event read again from there must be of the
// same group. Of IPv4 the strict parser knows one spelling.
std::string_view SignalCollector::spelled(std::string_view address) {
    const auto parsed = IpAddress::parse(address);
    return parsed ? std::string_view(texts_.emplace_back(parsed->to_string())) : address;
}

// `get(what, visit)` calls `visit` with each value of the key, of what is counted, of the entity.
template <class Get>
void SignalCollector::make_signal(Use use, const Get& get) {
    const bool first_seen = !targets_.is_correlation(use.target);
    Signal signal = next_;
    signal.target = use.target;
    signal.reference = use.reference;
    const size_t key = key_values_.size();
    bool complete = true;
    uint64_t hash = 0;
    get(Asked::key, [&](const std::optional<std::string_view>& value) {
        complete = complete && value;
        hash = hash_value(value, hash);
        key_values_.push_back(value);
    });
    if (first_seen) {
        if (!complete) return;
        signal.value = hash;
        get(Asked::entity, [&](const std::optional<std::string_view>& value) {
            signal.group = hash_value(value, signal.group);
        });
    } else {
        const match::Correlation& correlation = targets_.correlation(use.target);
        if (!complete && !correlation.missing_is_a_group) return;
        const auto value = value_of(correlation.type, get);
        if (!value) return;
        signal.group = hash & kGroupBits;
        signal.value = *value;
    }
    if (wanted_ && !wanted_(signal)) return;
    signal.key = keep_key(key);
    fresh_.push_back(signal);
}

// The key is what stands in key_values_ from `first`; the same one twice is one.
uint16_t SignalCollector::keep_key(size_t first) {
    const auto values = key_values_.begin();
    const auto size = static_cast<uint32_t>(key_values_.size() - first);
    const auto fresh = values + static_cast<ptrdiff_t>(first);
    for (size_t i = 0; i < keys_.size(); ++i) {
        if (keys_[i].size == size &&
            std::equal(fresh, key_values_.end(), values + keys_[i].first)) {
            key_values_.resize(first);
            return static_cast<uint16_t>(i);
        }
    }
    if (keys_.size() < UINT16_MAX) keys_.push_back({static_cast<uint32_t>(first), size});
    return static_cast<uint16_t>(keys_.size() - 1);
}

void SignalCollector::end(const finding::ToldEvent& event) {
    key_views_.clear();
    for (const KeyPlace& key : keys_)
        key_views_.emplace_back(key_values_.data() + key.first, key.size);
    const uint64_t evidence = evidence_id(number_, evidence_.append(event, key_views_));
    for (Signal& signal : fresh_) {
        signal.evidence = evidence;
        put(signal);
    }
    count_ += fresh_.size();
    in_memory_ += fresh_.size();
    if (in_memory_ >= max_signals_) spill();
}

void SignalCollector::put(const Signal& signal) {
    Signals& signals =
        bucket(targets_.level(signal.target), targets_.shard(signal.target, signal.group));
    // From here on a huge page is less work than doubling up to its size.
    if (signals.size() == kMany) signals.reserve(kHugePage / sizeof(Signal) + 1);
    signals.push_back(signal);
}

void SignalCollector::add_kept(const Signal& signal) {
    put(signal);
    ++count_;
    if (++in_memory_ >= max_signals_) spill();
}

Result<void> SignalCollector::for_each(const std::function<void(const Signal&)>& visit) const {
    for (const Signals& signals : buckets_) {
        for (const Signal& signal : signals) visit(signal);
    }
    std::vector<Signal> piece;
    for (const auto& runs : runs_) {
        for (const Run& run : runs) {
            for (uint64_t read = 0; read < run.count; read += piece.size()) {
                piece.resize(std::min<uint64_t>(run.count - read, kMany));
                YAGURA_CHECK(read_run(run.offset + read * sizeof(Signal), piece));
                for (const Signal& signal : piece) visit(signal);
            }
        }
    }
    return {};
}

// Sorted runs, one for each bucket, go to the file; the orderer merges them.
void SignalCollector::spill() {
    if (error_) return;
    if (!file_) {
        auto made = TemporaryFile::make();
        if (!made) {
            error_ = made.error();
            return;
        }
        file_.emplace(std::move(*made));
    }
    for (size_t i = 0; i < buckets_.size(); ++i) {
        Signals& signals = buckets_[i];
        if (signals.empty()) continue;
        std::sort(signals.begin(), signals.end(), [](const Signal& a, const Signal& b) {
            return is_before(a, b);
        });
        const size_t bytes = signals.size() * sizeof(Signal);
        if (auto written = file_->write(file_size_, signals.data(), bytes); !written) {
            error_ = written.error();
            return;
        }
        runs_[i].push_back({file_size_, signals.size()});
        file_size_ += bytes;
        signals.clear();
    }
    in_memory_ = 0;
}

Result<void> SignalCollector::read_run(uint64_t offset, std::span<Signal> into) const {
    return file_->read(offset, into.data(), into.size_bytes());
}

}  // namespace yagura::detect
