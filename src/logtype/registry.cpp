#include <string>

#include "base/time.h"
#include "logtype/log_type.h"

namespace yagura::logtype {

namespace {

constexpr const LogType* kAll[] = {
#define LOG_TYPE(name) &name,
#include "logtype/all.def"
#undef LOG_TYPE
};

// A time counts by its value, as rows of a lake do not keep its spelling.
std::string revision_of(const LogType& type, event::Event& event) {
    const int role = type.roles.revision;
    if (role < 0) return {};
    const std::string text(event.text(static_cast<event::SlotId>(role)));
    if (type.fields[static_cast<size_t>(role)].type != event::Type::time) return text;
    const auto time = parse_iso8601(text);
    return time ? std::to_string(to_micros(*time)) : text;
}

}  // namespace

std::span<const LogType* const> all() {
    return kAll;
}

const LogType* find(std::string_view name) {
    for (const LogType* type : kAll) {
        if (type->name == name) return type;
    }
    return nullptr;
}

// Only the detail type of an envelope makes a type surer than the record's own keys do.
constexpr int kSure = 95;

const LogType* recognise(Shape shape, std::string_view record, const RecordContext& context) {
    const LogType* best = nullptr;
    int best_score = 49;
    for (const LogType* type : kAll) {
        if (type->shape != shape) continue;
        const int score = type->recognise(record, context);
        if (score > best_score) {
            best_score = score;
            best = type;
        }
        if (best_score >= kSure && context.detail_type.empty()) break;
    }
    return best;
}

const event::Dictionary& LogType::dictionary() const {
    static const auto* dictionaries = [] {
        auto* built = new std::vector<event::Dictionary>;
        built->reserve(std::size(kAll));
        for (const LogType* type : kAll) built->emplace_back(type->fields);
        return built;
    }();
    for (size_t i = 0; i < std::size(kAll); ++i) {
        if (kAll[i] == this) return (*dictionaries)[i];
    }
    return dictionaries->front();
}

std::optional<Hash128> event_identity(const LogType& type, event::Event& event) {
    if (type.roles.event_id < 0) return std::nullopt;
    const std::string_view id = event.text(static_cast<event::SlotId>(type.roles.event_id));
    if (id.empty()) return std::nullopt;
    // Chained seeds instead of one joined key: nothing is copied.
    const auto text = [&](int role) {
        return role < 0 ? std::string_view() : event.text(static_cast<event::SlotId>(role));
    };
    uint64_t seed = hash64(type.name);
    seed = hash64(text(type.roles.account), seed);
    seed = hash64(revision_of(type, event), seed);
    return hash128(id, seed);
}

}  // namespace yagura::logtype
