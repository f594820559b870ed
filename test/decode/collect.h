// A sink that writes down everything it is given, and short ways to read bytes into it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"
#include "base/text.h"
#include "decode/record_reader.h"
#include "event/json_document.h"
#include "source/input.h"

namespace yagura::decode {

struct Seen {
    enum class What { json, line, fault } what;
    std::string text;  // of the record; of a fault its name and the bytes: "bad_json {..."
    uint64_t ordinal = 0;
    uint64_t offset = 0;
    std::string object, log_group, log_stream, account, region, detail_type;
    std::optional<Timestamp> time;
    bool repaired = false;

    friend bool operator==(const Seen&, const Seen&) = default;
};

class Collector : public RecordSink {
  public:
    std::optional<Fault> json(event::JsonDocument& document,
                              uint32_t& at,
                              const RecordOrigin& origin) override {
        event::ValueView value;
        uint32_t end = at;
        if (auto fault = document.read(end, value)) return fault;
        if (!refuse.empty() && value.text().find(refuse) != std::string_view::npos) {
            return Fault{FaultCode::unknown_type, 0};
        }
        at = end;
        add(Seen::What::json, std::string(value.text()), origin);
        return std::nullopt;
    }
    std::optional<Fault> line(std::string_view line, const RecordOrigin& origin) override {
        if (refuse_lines) return Fault{FaultCode::unknown_type, 0};
        add(Seen::What::line, std::string(line), origin);
        return std::nullopt;
    }
    void fault(const Fault& fault, const RecordOrigin& origin, std::string_view bytes) override {
        add(Seen::What::fault,
            std::string(fault_name(fault.code)) + " " + std::string(bytes),
            origin);
    }
    bool stop() const override { return seen.size() >= stop_after; }

    // The texts of all records of one kind, in order.
    std::vector<std::string> texts(Seen::What what) const {
        std::vector<std::string> out;
        for (const Seen& one : seen) {
            if (one.what == what) out.push_back(one.text);
        }
        return out;
    }
    std::vector<std::string> records() const { return texts(Seen::What::json); }
    std::vector<std::string> lines() const { return texts(Seen::What::line); }
    // Only their names.
    std::vector<std::string> faults() const {
        std::vector<std::string> out = texts(Seen::What::fault);
        for (std::string& one : out) one.resize(one.find(' '));
        return out;
    }

    std::vector<Seen> seen;
    std::string refuse;  // records that hold this are unknown_type
    bool refuse_lines = false;
    size_t stop_after = SIZE_MAX;

  private:
    void add(Seen::What what, std::string text, const RecordOrigin& origin) {
        seen.push_back({what,
                        std::move(text),
                        origin.ordinal,
                        origin.offset,
                        std::string(origin.object),
                        std::string(origin.log_group),
                        std::string(origin.log_stream),
                        std::string(origin.account),
                        std::string(origin.region),
                        std::string(origin.detail_type),
                        origin.time,
                        origin.repaired});
    }
};

inline Collector collect(std::string_view bytes, const ReadOptions& options = {}) {
    Collector sink;
    RecordReader reader(options);
    auto input = source::Input::of_bytes(bytes, "object");
    (void)reader.read(input, sink).value();
    return sink;
}

using Texts = std::vector<std::string>;

}  // namespace yagura::decode
