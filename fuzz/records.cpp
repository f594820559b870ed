// Shapes and envelopes: text gives the same records and faults whatever windows it is read through.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "decode/record_reader.h"
#include "expect.h"

namespace {

using namespace yagura;

struct Seen {
    std::string text;
    uint64_t ordinal, offset;
    std::string origin;
    friend bool operator==(const Seen&, const Seen&) = default;
};

class WritingSink : public decode::RecordSink {
  public:
    std::optional<Fault> json(event::JsonDocument& document,
                              uint32_t& at,
                              const decode::RecordOrigin& origin) override {
        event::ValueView value;
        if (const auto fault = document.read(at, value)) return fault;
        YAGURA_EXPECT(value.kind == event::Kind::object);
        YAGURA_EXPECT(is_valid_utf8(value.text()));
        add(value.text(), origin);
        return std::nullopt;
    }
    std::optional<Fault> line(std::string_view line, const decode::RecordOrigin& origin) override {
        YAGURA_EXPECT(is_valid_utf8(line));
        add(line, origin);
        return std::nullopt;
    }
    void fault(const Fault& fault,
               const decode::RecordOrigin& origin,
               std::string_view bytes) override {
        add(std::string(fault_name(fault.code)) + " " + std::string(bytes), origin);
    }

    std::vector<Seen> seen;

  private:
    void add(std::string_view text, const decode::RecordOrigin& origin) {
        std::string from(origin.object);
        for (const std::string_view part : {origin.log_group,
                                            origin.log_stream,
                                            origin.account,
                                            origin.region,
                                            origin.detail_type}) {
            from += "\n" + std::string(part);
        }
        seen.push_back({std::string(text), origin.ordinal, origin.offset, std::move(from)});
    }
};

std::vector<Seen> read(std::string_view bytes, size_t window_bytes) {
    decode::ReadOptions options;
    options.max_inflated_bytes = 4 << 20;
    options.window_bytes = window_bytes;
    auto input = source::Input::of_bytes(bytes, "fuzz");
    WritingSink sink;
    decode::RecordReader reader(options);
    YAGURA_EXPECT(reader.read(input, sink).has_value());
    return std::move(sink.seen);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = read(bytes, 1 << 20);
    for (const size_t window : {size_t{1}, size_t{17}, size_t{100}, size / 2 + 1}) {
        YAGURA_EXPECT(read(bytes, window) == whole);
    }
    return 0;
}
