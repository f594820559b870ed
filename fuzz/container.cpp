// Containers: whatever the bytes, reading ends, within its limits, and numbers records in order.
#include <cstdint>
#include <string_view>

#include "decode/record_reader.h"
#include "expect.h"

namespace {

using namespace yagura;

class CountingSink : public decode::RecordSink {
  public:
    std::optional<Fault> json(event::JsonDocument& document,
                              uint32_t& at,
                              const decode::RecordOrigin& origin) override {
        if (const auto fault = document.skip(at)) return fault;
        expect_next(origin);
        ++taken;
        return std::nullopt;
    }
    std::optional<Fault> line(std::string_view line, const decode::RecordOrigin& origin) override {
        YAGURA_EXPECT(!line.empty());
        expect_next(origin);
        ++taken;
        return std::nullopt;
    }
    void fault(const Fault&, const decode::RecordOrigin& origin, std::string_view bytes) override {
        YAGURA_EXPECT(bytes.size() <= decode::kQuarantineBytes);
        if (origin.ordinal == decode::kNoOrdinal) {
            ++object_faults;
        } else {
            expect_next(origin);
            ++record_faults;
        }
    }
    void expect_next(const decode::RecordOrigin& origin) {
        YAGURA_EXPECT(origin.ordinal == next_);
        ++next_;
    }

    uint64_t taken = 0, record_faults = 0, object_faults = 0;

  private:
    uint64_t next_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    decode::ReadOptions options;
    options.max_inflated_bytes = 4 << 20;
    auto input = source::Input::of_bytes({reinterpret_cast<const char*>(data), size}, "fuzz");
    CountingSink sink;
    decode::RecordReader reader(options);
    const auto stats = reader.read(input, sink);
    YAGURA_EXPECT(stats.has_value());
    YAGURA_EXPECT(stats->records == sink.taken);
    YAGURA_EXPECT(stats->record_faults == sink.record_faults);
    YAGURA_EXPECT(stats->object_faults == sink.object_faults);
    YAGURA_EXPECT(stats->bytes_in == size);
    return 0;
}
