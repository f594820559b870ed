// Signals kept in a lake: whatever its bytes are, they are refused or read within bounds, and what
// was read is kept and read again as it was.
#include "store/kept_signals.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <zstd.h>

#include "expect.h"
#include "store/catalog.h"

namespace {

using namespace yagura;
using store::KeptSignals;

using Row = std::tuple<int64_t, uint64_t, uint32_t, uint64_t, uint64_t>;

std::vector<Row> rows_of(const KeptSignals& kept) {
    std::vector<Row> rows;
    kept.for_each([&](const store::KeptEvent& event, const store::KeptSignal& signal) {
        rows.emplace_back(event.time, event.identity, signal.stream, signal.group, signal.value);
    });
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
}

// Every place is one of the events, and what is kept anew says the same.
void expect_kept(const KeptSignals& kept) {
    uint64_t members = 0;
    store::SignalTally tally;
    for (const KeptSignals::Run& run : kept.runs()) {
        members += run.count;
        for (const uint32_t event : kept.members(run)) {
            YAGURA_EXPECT(event < kept.events().size());
            const store::KeptEvent& of = kept.events()[event];
            tally.add(of.time, of.identity, run.signal);
        }
    }
    YAGURA_EXPECT(members == kept.count());
    const auto again = KeptSignals::decode(tally.take());
    YAGURA_EXPECT(again.has_value());
    YAGURA_EXPECT(rows_of(*again) == rows_of(kept));
}

// Two segments with these signals become one.
void expect_merged(const KeptSignals& kept, const std::string& frame) {
    const std::vector<uint64_t> streams{3, 1, 2};
    const bool is_known =
        std::all_of(kept.runs().begin(), kept.runs().end(), [&](const KeptSignals::Run& run) {
            return run.signal.stream < streams.size();
        });
    store::Segment all;
    all.min_time = Timestamp::min();
    all.max_time = Timestamp::max();
    const std::vector<store::SegmentSignals> before{{1, streams, frame}, {2, streams, frame}};
    const auto merged = store::merge_signals(before, {&all, 1});
    YAGURA_EXPECT(merged.size() == (is_known ? 1 : 0));
    for (const store::SegmentSignals& one : merged) {
        const auto both = KeptSignals::decode(one.bytes);
        YAGURA_EXPECT(both.has_value());
        YAGURA_EXPECT(rows_of(*both).size() == rows_of(kept).size());
    }
}

// The bytes as they stand in a catalog.
std::string frame_of(std::string_view content) {
    std::string out(ZSTD_compressBound(content.size()), '\0');
    const size_t size = ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 1);
    YAGURA_EXPECT(!ZSTD_isError(size));
    out.resize(size);
    return out;
}

}  // namespace

// The input is read as a frame and, since a fuzzer seldom finds a good one, as what a frame holds.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const std::string& frame : {std::string(bytes), frame_of(bytes)}) {
        const auto kept = KeptSignals::decode(frame);
        if (!kept) continue;
        expect_kept(*kept);
        expect_merged(*kept, frame);
    }
    return 0;
}
