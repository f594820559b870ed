// Format, all of it one zstd frame with its checksum:
//
//   version u8, then events, then runs
//   events: how many, the unit of time, the time of each less the one before,
//           the kept bytes of each identity
//   runs:   how many, then of each the stream less the one before, the group, the value if it has
//           one, how many members, and the members, each less the one before
//
// Numbers are varints unless said; fields of a kind stand together, as they compress better so.
#include "store/kept_signals.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>
#include <optional>
#include <tuple>

#include <zstd.h>

#include "base/language.h"
#include "base/messages/store.h"
#include "store/catalog.h"

namespace yagura::store {
namespace {

constexpr uint8_t kVersion = 1;
constexpr int kLevel = 3;
constexpr int64_t kSecond = 1'000'000;
constexpr int kIdentityBytes = kIdentityBits / 8;
// Of a frame's content; a segment that would need more keeps none. What is decoded takes a few
// times as much memory, whatever the bytes say.
constexpr size_t kMaxBytes = size_t{128} << 20;
constexpr size_t kLeastOfEvent = 1 + kIdentityBytes;
constexpr size_t kLeastOfRun = 9;  // 4 of them the group's lower part, the rest a byte each

void put(std::string& out, uint64_t number) {
    while (number >= 0x80) {
        out += static_cast<char>(number | 0x80);
        number >>= 7;
    }
    out += static_cast<char>(number);
}

void put_fixed(std::string& out, uint64_t number, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
}

// Reads what was put; past the end everything is 0 and `good` false.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    uint64_t number() {
        uint64_t out = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at_ >= bytes_.size()) break;
            const auto byte = static_cast<uint8_t>(bytes_[at_++]);
            out |= uint64_t{byte & 0x7Fu} << shift;
            if (byte < 0x80) return out;
        }
        good_ = false;
        return 0;
    }
    uint64_t fixed(int size) {
        uint64_t out = 0;
        if (bytes_.size() - at_ < static_cast<size_t>(size)) {
            good_ = false;
            return 0;
        }
        for (int i = 0; i < size; ++i)
            out |= uint64_t{static_cast<uint8_t>(bytes_[at_++])} << (8 * i);
        return out;
    }
    // How many of something follow, each of at least so many bytes.
    size_t count(size_t least) {
        const uint64_t number = this->number();
        if (number > (bytes_.size() - at_) / least) good_ = false;
        return good_ ? number : 0;
    }
    bool is_good() const { return good_; }
    bool is_at_end() const { return at_ == bytes_.size(); }

  private:
    std::string_view bytes_;
    size_t at_ = 0;
    bool good_ = true;
};

enum ValueKind : uint64_t { kNothing, kShort, kLong };
constexpr int kShortBytes = 5;
constexpr int kCut = 64 - 8 * kShortBytes;
constexpr int kGroupShift = 40;

void put_value(std::string& kinds, std::string& values, uint64_t value) {
    const bool is_short = value >> kCut << kCut == value;
    put(kinds, value == 0 ? kNothing : is_short ? kShort : kLong);
    if (value != 0) put_fixed(values, is_short ? value >> kCut : value, is_short ? kShortBytes : 8);
}

uint64_t take_value(uint64_t kind, Reader& reader) {
    if (kind == kNothing) return 0;
    return kind == kShort ? reader.fixed(kShortBytes) << kCut : reader.fixed(8);
}

std::string compress(std::string_view bytes) {
    std::string out(ZSTD_compressBound(bytes.size()), '\0');
    const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                       ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    const size_t size =
        ZSTD_compress2(context.get(), out.data(), out.size(), bytes.data(), bytes.size());
    out.resize(ZSTD_isError(size) ? 0 : size);
    return out;
}

Error damaged() {
    return {Code::corrupt, say(message::store_signals_damaged)};
}

Result<std::string> decompress(std::string_view bytes) {
    const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (size > kMaxBytes) return damaged();  // not known, or no frame, are very large numbers
    std::string out(size, '\0');
    const size_t done = ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(done) || done != size) return damaged();
    return out;
}

bool is_before(const KeptSignal& a, const KeptSignal& b) {
    return std::tie(a.stream, a.group, a.value) < std::tie(b.stream, b.group, b.value);
}

bool is_same(const KeptSignal& a, const KeptSignal& b) {
    return !is_before(a, b) && !is_before(b, a);
}

}  // namespace

void SignalTally::add(int64_t time, uint64_t identity, const KeptSignal& signal) {
    const KeptEvent event{time, identity};
    const bool is_same_event = !events_.empty() && events_.back().time == event.time &&
                               events_.back().identity == event.identity;
    if (!is_same_event) events_.push_back(event);
    signals_.push_back({signal, static_cast<uint32_t>(events_.size() - 1)});
}

// Puts the events in order; returns the new place of each.
std::vector<uint32_t> SignalTally::sort_events() {
    std::vector<uint32_t> order(events_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
        return std::tie(events_[a].time, events_[a].identity, a) <
               std::tie(events_[b].time, events_[b].identity, b);
    });
    std::vector<uint32_t> places(events_.size());
    std::vector<KeptEvent> sorted;
    sorted.reserve(events_.size());
    for (const uint32_t event : order) {
        places[event] = static_cast<uint32_t>(sorted.size());
        sorted.push_back(events_[event]);
    }
    events_.swap(sorted);
    return places;
}

std::string SignalTally::take() {
    const std::vector<uint32_t> places = sort_events();
    for (Noted& noted : signals_) noted.event = places[noted.event];
    std::sort(signals_.begin(), signals_.end(), [](const Noted& a, const Noted& b) {
        if (is_same(a.signal, b.signal)) return a.event < b.event;
        return is_before(a.signal, b.signal);
    });
    signals_.erase(std::unique(signals_.begin(),
                               signals_.end(),
                               [](const Noted& a, const Noted& b) {
                                   return a.event == b.event && is_same(a.signal, b.signal);
                               }),
                   signals_.end());

    std::string out(1, static_cast<char>(kVersion));
    put(out, events_.size());
    const bool whole = std::all_of(
        events_.begin(), events_.end(), [](const KeptEvent& e) { return e.time % kSecond == 0; });
    const int64_t unit = whole ? kSecond : 1;
    put(out, static_cast<uint64_t>(unit));
    int64_t time = events_.empty() ? 0 : events_.front().time;
    put_fixed(out, static_cast<uint64_t>(time), 8);
    for (const KeptEvent& event : events_) {
        const auto passed = static_cast<uint64_t>(event.time) - static_cast<uint64_t>(time);
        put(out, passed / static_cast<uint64_t>(unit));
        time = event.time;
    }
    for (const KeptEvent& event : events_)
        put_fixed(out, event.identity >> (64 - kIdentityBits), kIdentityBytes);

    std::string streams, groups, low_groups, kinds, values, counts, members;
    uint64_t runs = 0, group = 0;
    uint32_t stream = 0;
    for (size_t at = 0; at < signals_.size(); ++runs) {
        const KeptSignal signal = signals_[at].signal;
        if (signal.stream != stream) group = 0;
        put(streams, signal.stream - stream);
        stream = signal.stream;
        put(groups, (signal.group >> kGroupShift) - group);
        group = signal.group >> kGroupShift;
        put_fixed(low_groups, signal.group >> 8, 4);
        put_value(kinds, values, signal.value);
        const size_t first = at;
        uint32_t member = 0;
        for (; at < signals_.size() && is_same(signals_[at].signal, signal); ++at) {
            put(members, signals_[at].event - member);
            member = signals_[at].event;
        }
        put(counts, at - first);
    }
    put(out, runs);
    for (const std::string* part :
         {&streams, &groups, &low_groups, &kinds, &values, &counts, &members})
        out += *part;
    events_.clear();
    signals_.clear();
    return out.size() <= kMaxBytes ? compress(out) : std::string();
}

Result<KeptSignals> KeptSignals::decode(std::string_view bytes) {
    const Result<std::string> plain = decompress(bytes);
    if (!plain) return tl::unexpected(plain.error());
    Reader reader(*plain);
    if (reader.fixed(1) != kVersion) return damaged();
    KeptSignals kept;
    kept.events_.resize(reader.count(kLeastOfEvent));
    const uint64_t unit = reader.number();
    uint64_t time = reader.fixed(8);
    for (KeptEvent& event : kept.events_) {
        time += reader.number() * unit;
        event.time = static_cast<int64_t>(time);
    }
    for (KeptEvent& event : kept.events_)
        event.identity = reader.fixed(kIdentityBytes) << (64 - kIdentityBits);
    kept.runs_.resize(reader.count(kLeastOfRun));
    uint64_t stream = 0;
    for (Run& run : kept.runs_) {
        stream += reader.number();
        run.signal.stream = static_cast<uint32_t>(stream);
    }
    uint64_t group = 0;
    for (size_t i = 0; i < kept.runs_.size(); ++i) {
        KeptSignal& signal = kept.runs_[i].signal;
        if (i == 0 || signal.stream != kept.runs_[i - 1].signal.stream) group = 0;
        group += reader.number();
        signal.group = group << kGroupShift;
    }
    for (Run& run : kept.runs_) run.signal.group |= reader.fixed(4) << 8;
    for (Run& run : kept.runs_) run.signal.value = reader.number();
    for (Run& run : kept.runs_) run.signal.value = take_value(run.signal.value, reader);
    uint64_t members = 0;
    for (Run& run : kept.runs_) {
        const size_t count = reader.count(1);
        run.first = static_cast<uint32_t>(members);
        run.count = static_cast<uint32_t>(count);
        members += count;
        if (members > plain->size()) return damaged();
    }
    kept.members_.reserve(members);
    for (const Run& run : kept.runs_) {
        uint64_t event = 0;
        for (uint32_t i = 0; i < run.count; ++i) {
            event += reader.number();
            if (event >= kept.events_.size()) return damaged();
            kept.members_.push_back(static_cast<uint32_t>(event));
        }
    }
    if (!reader.is_good() || !reader.is_at_end()) return damaged();
    return kept;
}

namespace {

std::vector<uint64_t> common_streams(std::span<const SegmentSignals> all) {
    std::vector<uint64_t> common = all.front().streams;
    std::sort(common.begin(), common.end());
    for (const SegmentSignals& one : all.subspan(1)) {
        std::vector<uint64_t> theirs = one.streams, both;
        std::sort(theirs.begin(), theirs.end());
        std::set_intersection(
            common.begin(), common.end(), theirs.begin(), theirs.end(), std::back_inserter(both));
        common.swap(both);
    }
    return common;
}

// Which of the segments holds the rows of a time; they lie one behind the other.
class Slices {
  public:
    explicit Slices(std::span<const Segment> segments) {
        for (size_t i = 0; i < segments.size(); ++i)
            slices_.push_back(
                {to_micros(segments[i].min_time), to_micros(segments[i].max_time), i});
        std::sort(slices_.begin(), slices_.end(), [](const Slice& a, const Slice& b) {
            return a.from < b.from;
        });
    }
    bool are_apart() const {
        for (size_t i = 1; i < slices_.size(); ++i) {
            if (slices_[i].from <= slices_[i - 1].to) return false;
        }
        return true;
    }
    std::optional<size_t> find(int64_t time) const {
        for (const Slice& slice : slices_) {
            if (time >= slice.from && time <= slice.to) return slice.place;
        }
        return std::nullopt;
    }

  private:
    struct Slice {
        int64_t from, to;
        size_t place;
    };
    std::vector<Slice> slices_;
};

}  // namespace

std::vector<SegmentSignals> merge_signals(std::span<const SegmentSignals> before,
                                          std::span<const Segment> merged) {
    const Slices slices(merged);
    if (before.empty() || merged.empty() || !slices.are_apart()) return {};
    const std::vector<uint64_t> streams = common_streams(before);
    std::vector<SignalTally> tallies(merged.size());
    for (const SegmentSignals& one : before) {
        const auto kept = KeptSignals::decode(one.bytes);
        if (!kept) return {};
        // By event, as a tally wants them.
        std::vector<std::vector<KeptSignal>> of_event(kept->events().size());
        for (const KeptSignals::Run& run : kept->runs()) {
            if (run.signal.stream >= one.streams.size()) return {};
            const uint64_t id = one.streams[run.signal.stream];
            const auto at = std::lower_bound(streams.begin(), streams.end(), id);
            if (at == streams.end() || *at != id) continue;
            KeptSignal signal = run.signal;
            signal.stream = static_cast<uint32_t>(at - streams.begin());
            for (const uint32_t event : kept->members(run)) of_event[event].push_back(signal);
        }
        for (size_t i = 0; i < of_event.size(); ++i) {
            const KeptEvent& event = kept->events()[i];
            const auto place = slices.find(event.time);
            if (!place) return {};
            for (const KeptSignal& signal : of_event[i])
                tallies[*place].add(event.time, event.identity, signal);
        }
    }
    std::vector<SegmentSignals> out;
    for (size_t i = 0; i < merged.size(); ++i) {
        std::string bytes = tallies[i].take();
        if (!bytes.empty()) out.push_back({merged[i].id, streams, std::move(bytes)});
    }
    return out;
}

}  // namespace yagura::store
