// What a segment's rows told to rules over several events, kept so that nobody need ask the rows
// again: when, of which group, worth what.
//
//   SignalTally tally;                                    // of the rows of one RowBuffer
//   tally.add(time, identity, {stream, group, value});    // a row's come one after another
//   commit.signals.push_back({segment.id, streams, tally.take()});
//
//   YAGURA_TRY(auto kept, KeptSignals::decode(bytes));
//   kept.for_each([](const KeptEvent& event, const KeptSignal& signal) { … });
//
// To the store a stream is a number (detect/streams.h makes them). A segment's signals belong to
// it: published in its commit, merged when it is merged, gone with it. They are 3 to 5 bytes
// an event: events in order of time, with kIdentityBits of their identity; signals by stream, group
// and value, so that those are there once, each a list of places among the events. The texts that
// people read are in the rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace yagura::store {

struct KeptSignal {
    uint32_t stream = 0;  // place in the list of streams that goes with them
    uint64_t group = 0;   // hash; its lowest byte is 0
    uint64_t value = 0;   // hash or the bits of a number; takes less room when its low bytes are 0
};

struct KeptEvent {
    int64_t time = 0;       // microseconds
    uint64_t identity = 0;  // only its upper kIdentityBits are kept; the others are 0
};

// They are in order of time and identity, all of it. Of two events of one microsecond in different
// segments these bits tell the order, and which row is whose.
constexpr int kIdentityBits = 16;
constexpr uint64_t kept_identity(uint64_t identity) {
    return identity >> (64 - kIdentityBits) << (64 - kIdentityBits);
}

// Signals of a segment take at most so many bytes, and so many for each row; when there are more
// than fit, none are kept.
constexpr uint64_t kSignalBytesOfSegment = 64u << 10;
constexpr uint64_t kMaxSignalBytes = 16;

class KeptSignals {
  public:
    // Of one stream, group and value.
    struct Run {
        KeptSignal signal;
        uint32_t first = 0;  // in members
        uint32_t count = 0;
    };

    // Code::corrupt when the bytes are damaged.
    static Result<KeptSignals> decode(std::string_view bytes);

    const std::vector<KeptEvent>& events() const { return events_; }  // in order of time
    const std::vector<Run>& runs() const { return runs_; }
    // Places in events(), ascending.
    std::span<const uint32_t> members(const Run& run) const {
        return std::span(members_).subspan(run.first, run.count);
    }
    uint64_t count() const { return members_.size(); }

    template <class Visit>
    void for_each(const Visit& visit) const {
        for (const Run& run : runs_) {
            for (const uint32_t event : members(run)) visit(events_[event], run.signal);
        }
    }

  private:
    std::vector<KeptEvent> events_;
    std::vector<Run> runs_;
    std::vector<uint32_t> members_;
};

class SignalTally {
  public:
    // Signals of one event come one after another. All of the identity counts for their order.
    void add(int64_t time, uint64_t identity, const KeptSignal& signal);
    size_t memory() const {
        return events_.capacity() * sizeof(KeptEvent) + signals_.capacity() * sizeof(Noted);
    }
    // What KeptSignals::decode() reads, or nothing where that would be more than it reads. The
    // tally is empty then.
    std::string take();

  private:
    struct Noted {
        KeptSignal signal;
        uint32_t event = 0;
    };
    std::vector<uint32_t> sort_events();

    std::vector<KeptEvent> events_;
    std::vector<Noted> signals_;
};

// Signals of a segment as the catalog has them.
struct SegmentSignals {
    int64_t segment = 0;
    std::vector<uint64_t> streams;  // all signals of these are there, and of no others
    std::string bytes;
};

struct Segment;

// Those of segments that were merged into others, for the others: of the streams that all of them
// have. None when some are missing, damaged, or when it cannot be told which of the others an event
// is in.
std::vector<SegmentSignals> merge_signals(std::span<const SegmentSignals> before,
                                          std::span<const Segment> merged);

}  // namespace yagura::store
