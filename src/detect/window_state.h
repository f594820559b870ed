// How the groups of correlations stood when everything up to a moment was decided, as far as the
// signals of the last timespans cannot tell.
//
//   const WindowStates states = …;                       // WindowStates::load(), or of a decision
//   const WindowPasts pasts = states.pasts(streams, targets, from, was_told);
//   stream.resume(pasts);                                // or Batch::resume()
//   … signals from Targets::reach() before `from` on …
//   WindowStates next(until, streams, targets, pasts, stream.groups(), from);
//   YAGURA_CHECK(next.save(path));
//
// A state is that of its correlation as long as everything the correlation asks stays the same.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "detect/streams.h"
#include "detect/window_past.h"

namespace yagura::detect {

class WindowStates {
  public:
    // Groups of all correlations together; a correlation whose groups do not fit keeps none, as if
    // it were new.
    static constexpr size_t kMaxGroups = 500'000;

    WindowStates() = default;
    // After a decision up to `until` that told firings from `from` on: how groups stand now.
    // Correlations without a past count as known from now on.
    WindowStates(int64_t until,
                 const SignalStreams& streams,
                 const Targets& targets,
                 const WindowPasts& pasts,
                 const GroupStates& groups,
                 int64_t from);

    // Everything up to it was decided.
    int64_t until() const { return until_; }

    // What to go on from, when firings from `from` on are to be told; of a time before until(),
    // windows that were opened since are left out. `was_told` tells of a target's group and a
    // moment whether a firing was told, and is called from several threads.
    WindowPasts pasts(
        const SignalStreams& streams,
        const Targets& targets,
        int64_t from,
        const std::function<bool(uint32_t target, uint64_t group, int64_t time)>& was_told) const;

    // Where a lake keeps them: beside what its first-seen rules remember.
    static std::filesystem::path beside(std::filesystem::path first_seen_memory) {
        return first_seen_memory.replace_extension(".windows");
    }
    // A missing file holds no states. A damaged one and one of another version are errors.
    static Result<WindowStates> load(const std::filesystem::path& path);
    Result<void> save(const std::filesystem::path& path) const;
    // What load() and save() read and write.
    std::string encode() const;
    static Result<WindowStates> decode(std::string_view bytes, std::string_view name);

  private:
    struct OfTarget {
        uint64_t id = 0;  // SignalStreams::target_id()
        int64_t told_from = 0;
        std::vector<GroupState> groups;
    };
    int64_t until_ = INT64_MIN;
    std::vector<OfTarget> targets_;
};

}  // namespace yagura::detect
