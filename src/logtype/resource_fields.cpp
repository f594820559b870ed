// The rows of a log type are bound once for the process to field plans, one for each field with
// JSON in it, and by service: an event's own service has a handful.

#include "logtype/resource_fields.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <unordered_map>

#include "base/hash.h"
#include "event/json_document.h"
#include "event/plan.h"
#include "logtype/log_type.h"

namespace yagura::logtype {
namespace {

using event::Event;
using event::Kind;
using event::kNoSlot;
using event::SlotId;
using event::ValueView;

constexpr size_t kMaxJson = size_t{1} << 20;  // beyond it nobody looks for names

struct Bound {
    const ResourceField* row;
    const ResourceKind* kind;  // null: an ARN tells
    SlotId value = kNoSlot;    // of the root's plan
    SlotId within = kNoSlot;
    SlotId told_kind = kNoSlot;
};

// One field of the log type and what is looked for in it.
struct Root {
    Root(SlotId of, size_t place) : field(of), number(place), plan(no_names()) {}

    static const event::Dictionary& no_names() {
        static const event::Dictionary kNone{std::span<const event::Field>()};
        return kNone;
    }

    bool is_about(std::string_view service) const {
        return !of_any.empty() || of_service.contains(service);
    }

    SlotId field;
    size_t number;  // among those of all log types
    event::FieldPlan plan;
    std::vector<Bound> of_any;
    std::unordered_map<std::string_view, std::vector<Bound>, TextHash> of_service;
};

// The field of a type is known by its native name; a misspelt one is found by a test.
SlotId field_of(const LogType& type, std::string_view name) {
    return type.dictionary().find(name).value_or(kNoSlot);
}

struct Plan {
    std::vector<std::unique_ptr<Root>> roots;  // with JSON in them
    std::vector<Bound> texts;                  // `value` is the field itself
    SlotId when = kNoSlot;
};

void bind(const ResourceField& row, Root& root) {
    Bound bound{.row = &row, .kind = find_resource_kind(row.kind)};
    const auto slot = [&](std::string_view path) {
        return path.empty() ? kNoSlot : root.plan.want(path);
    };
    bound.value = slot(row.path);
    bound.within = slot(row.within);
    bound.told_kind = slot(row.told_kind);
    (row.service.empty() ? root.of_any : root.of_service[row.service]).push_back(bound);
}

Plan make_plan(const LogType& type, size_t& roots) {
    Plan plan;
    if (!type.resources) return plan;
    plan.when = field_of(type, type.resources->when);
    for (const ResourceField& row : type.resources->rows) {
        const SlotId field = field_of(type, row.field);
        if (field == kNoSlot) continue;
        if (row.path.empty()) {
            plan.texts.push_back(
                {.row = &row, .kind = find_resource_kind(row.kind), .value = field});
            continue;
        }
        auto root = std::find_if(plan.roots.begin(), plan.roots.end(), [&](const auto& known) {
            return known->field == field;
        });
        if (root == plan.roots.end())
            root = plan.roots.insert(root, std::make_unique<Root>(field, roots++));
        bind(row, **root);
    }
    for (const auto& root : plan.roots) root->plan.freeze();
    return plan;
}

const Plan& plan_of(const LogType& type) {
    static const auto kPlans = [] {
        std::map<const LogType*, Plan> plans;
        size_t roots = 0;
        for (const LogType* each : all()) plans.emplace(each, make_plan(*each, roots));
        return plans;
    }();
    return kPlans.at(&type);
}

std::string_view role_text(Event& event, int role) {
    return role < 0 ? std::string_view() : event.text(static_cast<SlotId>(role));
}

// "iam.amazonaws.com" → "iam"
std::string_view service_of(std::string_view source) {
    return source.substr(0, source.find('.'));
}

bool holds(std::string_view text, std::string_view part) {
    return part.empty() || text.find(part) != std::string_view::npos;
}

// What the rows need to know of the event around a value.
struct Around {
    std::string_view service;
    std::string_view when;
    ResourcePlace place;
};

// Of all that decides what is read; never 0.
Hash128 hash_asked(const Plan& plan, const Around& around, Event& event) {
    uint64_t seed = reinterpret_cast<uintptr_t>(&plan);
    for (const std::string_view text :
         {around.service, around.when, around.place.account, around.place.region})
        seed = hash64(text, seed);
    Hash128 asked{seed, seed};
    const auto take = [&](std::string_view text) {
        const Hash128 hash = hash128(text, asked.low);
        asked = {hash.low, hash.high + asked.high * 3};
    };
    for (const auto& root : plan.roots) {
        if (!root->is_about(around.service)) continue;
        const ValueView& json = event.value(root->field);
        asked.low += static_cast<uint64_t>(json.kind);
        take(json.text().substr(0, kMaxJson + 1));
    }
    for (const Bound& bound : plan.texts) take(event.text(bound.value));
    asked.low |= 1;
    return asked;
}

}  // namespace

struct ResourceReader::Walked {
    event::JsonDocument document;
    event::PaddedText text;
    std::string joined;

    // Taking up another plan clears all that an Event holds, so each root has its own.
    Event& event_of(const Root& root) {
        if (root.number >= events.size()) events.resize(root.number + 1);
        return events[root.number];
    }
    std::vector<Event> events;

    // What was read of events that say the same in all that is looked at: one in five.
    struct Known {
        Hash128 asked;
        std::vector<std::string> keys;
    };
    static constexpr size_t kKnown = 1024;
    static constexpr size_t kMostKnown = 8;  // keys
    std::vector<Known> known{kKnown};

    std::string_view padded(std::string_view json) {
        if (text.size() < json.size())
            text = event::PaddedText::with_size(std::max<size_t>(json.size(), 4096));
        std::memcpy(text.data(), json.data(), json.size());
        std::memset(text.data() + json.size(), 0, event::kPadding);
        return {text.data(), json.size()};
    }

    template <class Add>
    void take(const Bound& bound,
              const Around& around,
              Event* event,
              std::string_view value,
              const Add& add);
    template <class Add>
    void take_all(std::span<const Bound> rows, const Around& around, Event& event, const Add& add);
    template <class Add>
    void walk(const Root& root, const Around& around, const ValueView& json, const Add& add);
};

template <class Add>
void ResourceReader::Walked::take(const Bound& bound,
                                  const Around& around,
                                  Event* event,
                                  std::string_view value,
                                  const Add& add) {
    const ResourceField& row = *bound.row;
    if (value.empty() || !holds(around.when, row.when) || !value.starts_with(row.prefix)) return;
    if (bound.within != kNoSlot) {
        const std::string_view owner = event->text(bound.within);
        if (owner.empty() || owner.starts_with("arn:")) return;
        joined.assign(owner);
        joined += '/';
        joined += value;
        value = joined;
    }
    const std::string_view told =
        bound.told_kind != kNoSlot ? event->text(bound.told_kind) : std::string_view();
    if (const auto resource = bound.kind ? resource_of_name(value, *bound.kind, around.place)
                                         : resource_of_arn(value, told)) {
        add(*resource);
    }
}

template <class Add>
void ResourceReader::Walked::take_all(std::span<const Bound> rows,
                                      const Around& around,
                                      Event& event,
                                      const Add& add) {
    for (const Bound& bound : rows) {
        event.any_value(bound.value, [&](const ValueView& value) {
            if (value.kind == Kind::string || value.kind == Kind::number)
                take(bound, around, &event, event::plain_text(value, event.arena()), add);
            return false;
        });
    }
}

// `json` is an object, or a list of objects of which each is looked at alone.
template <class Add>
void ResourceReader::Walked::walk(const Root& root,
                                  const Around& around,
                                  const ValueView& json,
                                  const Add& add) {
    const bool is_list = json.kind == Kind::array;
    if ((!is_list && json.kind != Kind::object) || json.size > kMaxJson) return;
    const auto own = root.of_service.find(around.service);
    const bool has_own = own != root.of_service.end();
    if (!has_own && root.of_any.empty()) return;
    if (document.index(padded(json.text()))) return;
    Event& event = event_of(root);
    uint32_t at = is_list ? 1 : 0;
    while (at < document.size() && document.at(at) == '{') {
        event.reset(root.plan);
        if (event::walk_record(document, at, event)) return;
        take_all(root.of_any, around, event, add);
        if (has_own) take_all(own->second, around, event, add);
        if (!is_list || at >= document.size() || document.at(at) != ',') return;
        ++at;
    }
}

ResourceReader::ResourceReader() = default;
ResourceReader::~ResourceReader() = default;
ResourceReader::ResourceReader(ResourceReader&&) noexcept = default;
ResourceReader& ResourceReader::operator=(ResourceReader&&) noexcept = default;

void ResourceReader::add(const ResourceView& resource) {
    if (count_ == kMaxOfEvent) return;
    if (keys_.size() == count_) keys_.emplace_back();
    std::string& key = keys_[count_];
    key.clear();
    append_resource_key(key, resource);
    const auto end = keys_.begin() + static_cast<ptrdiff_t>(count_);
    if (std::find(keys_.begin(), end, key) == end) ++count_;
}

std::span<const std::string> ResourceReader::read(Event& event, const LogType& type) {
    count_ = 0;
    const Plan& plan = plan_of(type);
    if (!type.resources) return {};
    if (!walked_) walked_ = std::make_unique<Walked>();
    const Around around{
        service_of(role_text(event, type.roles.event_source)),
        plan.when != kNoSlot ? event.text(plan.when) : std::string_view(),
        {role_text(event, type.roles.account), role_text(event, type.roles.region)}};
    const Hash128 asked = hash_asked(plan, around, event);
    Walked::Known& known = walked_->known[asked.low % Walked::kKnown];
    if (known.asked == asked) return known.keys;
    const auto add_one = [this](const ResourceView& resource) { add(resource); };
    for (const auto& root : plan.roots)
        walked_->walk(*root, around, event.value(root->field), add_one);
    for (const Bound& bound : plan.texts) {
        if (count_ > 0) break;
        walked_->take(bound, around, nullptr, event.text(bound.value), add_one);
    }
    const std::span<const std::string> keys{keys_.data(), count_};
    if (count_ > Walked::kMostKnown) return keys;
    known.asked = asked;
    known.keys.assign(keys.begin(), keys.end());
    return keys;
}

}  // namespace yagura::logtype
