// How the windows of a lake's correlations stood when it was decided, and what was told of them: so
// that a later part and a restart go on as if there had been none.
//
//   WindowMemory windows(targets, streams);
//   YAGURA_CHECK(windows.load(writer));              // what is damaged counts as not known
//   YAGURA_CHECK(windows.resume(from, writer));
//   stream.resume(windows.pasts());
//   …
//   YAGURA_CHECK(windows.stand(until, stream.groups()).save(file));
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "detect/window_state.h"
#include "store/hash_set.h"
#include "store/writer.h"

namespace yagura::pipeline {

class WindowMemory {
  public:
    // Both must outlive this.
    WindowMemory(const detect::Targets& targets, const detect::SignalStreams& streams)
        : targets_(targets), streams_(streams) {}

    // As the lake was last decided.
    Result<void> load(const store::Writer& writer);
    // As somebody else left them.
    void take(detect::WindowStates states) { states_ = std::move(states); }

    // Firings from `from` on are to be told.
    Result<void> resume(int64_t from, store::Writer& writer);
    const detect::WindowPasts& pasts() const { return pasts_; }
    bool knows(uint32_t target) const { return target < pasts_.size() && pasts_[target]; }

    // As they were before.
    const detect::WindowStates& before() const { return states_; }
    // As they are when everything up to `until` is decided.
    detect::WindowStates stand(int64_t until, const detect::GroupStates& groups) const;

  private:
    bool was_told(uint32_t target, uint64_t group, int64_t time) const;

    const detect::Targets& targets_;
    const detect::SignalStreams& streams_;
    detect::WindowStates states_;
    detect::WindowPasts pasts_;
    store::HashSet told_;          // within reach before `from_`
    std::optional<int64_t> from_;  // none: there is nothing before
};

}  // namespace yagura::pipeline
