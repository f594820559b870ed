// The file:
//
//   "YGRWINDS"  version u32  until i64  targets u32
//   target:  id u64  told_from i64  groups u64  (group u64, since i64, due i64, held u8)*
//   XXH3 of all of the above u64
#include "detect/window_state.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/messages/detect.h"
#include "detect/state_file.h"

namespace yagura::detect {
namespace {

constexpr std::string_view kMagic = "YGRWINDS";
constexpr uint32_t kVersion = 1;
constexpr size_t kGroupBytes = 8 + 8 + 8 + 1;

std::optional<std::vector<GroupState>> take_groups(std::string_view& bytes) {
    const auto count = take<uint64_t>(bytes);
    if (!count || *count > bytes.size() / kGroupBytes) return std::nullopt;
    std::vector<GroupState> groups(*count);
    for (GroupState& group : groups) {
        group.group = *take<uint64_t>(bytes);
        group.since = *take<int64_t>(bytes);
        group.due = *take<int64_t>(bytes);
        group.held = *take<uint8_t>(bytes) != 0;
    }
    return groups;
}

}  // namespace

WindowStates::WindowStates(int64_t until,
                           const SignalStreams& streams,
                           const Targets& targets,
                           const WindowPasts& pasts,
                           const GroupStates& groups,
                           int64_t from)
    : until_(until) {
    size_t room = kMaxGroups;
    for (uint32_t target = 0; target < targets.correlation_count(); ++target) {
        if (groups[target].size() > room) continue;
        room -= groups[target].size();
        OfTarget& state = targets_.emplace_back();
        state.id = streams.target_id(target);
        state.told_from = target < pasts.size() && pasts[target] ? pasts[target]->told_from : from;
        state.groups = groups[target];
        std::sort(state.groups.begin(),
                  state.groups.end(),
                  [](const GroupState& a, const GroupState& b) { return a.group < b.group; });
    }
}

WindowPasts WindowStates::pasts(
    const SignalStreams& streams,
    const Targets& targets,
    int64_t from,
    const std::function<bool(uint32_t target, uint64_t group, int64_t time)>& was_told) const {
    WindowPasts pasts(targets.correlation_count());
    for (uint32_t target = 0; target < targets.correlation_count(); ++target) {
        const auto state = std::find_if(targets_.begin(), targets_.end(), [&](const OfTarget& one) {
            return one.id == streams.target_id(target);
        });
        if (state == targets_.end()) continue;
        WindowPast& past = pasts[target].emplace();
        past.from = from;
        past.told_from = state->told_from;
        past.is_complete = from >= until_;
        past.is_looked_at = !targets.uses_of_correlation(target).empty();
        past.groups = state->groups;
        past.was_told = [was_told, target](uint64_t group, int64_t time) {
            return was_told(target, group, time);
        };
    }
    return pasts;
}

std::string WindowStates::encode() const {
    std::string out(kMagic);
    put(out, kVersion);
    put(out, until_);
    put(out, static_cast<uint32_t>(targets_.size()));
    for (const OfTarget& target : targets_) {
        put(out, target.id);
        put(out, target.told_from);
        put(out, uint64_t{target.groups.size()});
        for (const GroupState& group : target.groups) {
            put(out, group.group);
            put(out, group.since);
            put(out, group.due);
            put(out, static_cast<uint8_t>(group.held));
        }
    }
    put(out, hash64(out));
    return out;
}

Result<WindowStates> WindowStates::decode(std::string_view bytes, std::string_view name) {
    const auto torn = [&] { return fail(Code::corrupt, say(message::detect_state_torn, name)); };
    if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + sizeof(uint64_t))
        return torn();
    std::string_view end = bytes.substr(bytes.size() - sizeof(uint64_t));
    bytes.remove_suffix(sizeof(uint64_t));
    if (take<uint64_t>(end) != hash64(bytes)) return torn();
    bytes.remove_prefix(kMagic.size());
    const uint32_t version = take<uint32_t>(bytes).value_or(0);
    if (version != kVersion)
        return fail(Code::unsupported, say(message::detect_state_version, name, version, kVersion));
    WindowStates states;
    const auto until = take<int64_t>(bytes);
    const auto count = take<uint32_t>(bytes);
    if (!until || !count) return torn();
    states.until_ = *until;
    for (uint32_t i = 0; i < *count; ++i) {
        const auto id = take<uint64_t>(bytes);
        const auto told_from = take<int64_t>(bytes);
        auto groups = take_groups(bytes);
        if (!groups) return torn();
        states.targets_.push_back({*id, *told_from, std::move(*groups)});
    }
    if (!bytes.empty()) return torn();
    return states;
}

Result<WindowStates> WindowStates::load(const std::filesystem::path& path) {
    YAGURA_TRY(const auto bytes, read_state_file(path));
    return bytes ? decode(*bytes, path.string()) : WindowStates();
}

Result<void> WindowStates::save(const std::filesystem::path& path) const {
    return write_state_file(path, encode());
}

}  // namespace yagura::detect
