// Hands records and faults of one object to the sink, numbers them and counts them.
#pragma once

#include <string>
#include <string_view>

#include "decode/record.h"
#include "decode/record_reader.h"

namespace yagura::decode {

class Delivery {
  public:
    Delivery(RecordSink& sink, ReadStats& stats) : sink_(sink), stats_(stats) {}

    // Of the records to come: the member's name, what its envelope says, whether text was mended.
    RecordOrigin& origin() { return origin_; }

    // The next record, and only that, was mended (a byte order mark stood before it).
    void repair_next() { repair_next_ = true; }

    // Offers a record. A fault means the sink did not take it; then it is not counted yet.
    std::optional<Fault> json(event::JsonDocument& document, uint32_t& at, uint64_t offset) {
        const Marked marked(*this, offset);
        const auto fault = sink_.json(document, at, origin_);
        if (!fault) count_record();
        return fault;
    }

    // Offers a line and accounts for it either way.
    void line(std::string_view text, uint64_t offset) {
        const Marked marked(*this, offset);
        const auto fault = sink_.line(text, origin_);
        if (!fault) return count_record();
        record_fault({fault->code, offset + fault->offset}, offset, text);
    }

    // One record, starting at `offset`, is lost.
    void record_fault(const Fault& fault, uint64_t offset, std::string_view bytes) {
        repair_next_ = false;
        origin_.ordinal = next_ordinal_++;
        origin_.offset = offset;
        ++stats_.record_faults;
        sink_.fault(fault, origin_, bytes.substr(0, kQuarantineBytes));
    }

    // Something is wrong with the object or member as a whole.
    void object_fault(const Fault& fault, std::string_view bytes = {}) {
        origin_.ordinal = kNoOrdinal;
        origin_.offset = fault.offset;
        ++stats_.object_faults;
        sink_.fault(fault, origin_, bytes.substr(0, kQuarantineBytes));
    }

    bool stop() {
        stats_.stopped = stats_.stopped || sink_.stop();
        return stats_.stopped;
    }

  private:
    // Numbers the record being offered.
    struct Marked {
        Marked(Delivery& delivery, uint64_t offset)
            : origin(delivery.origin_), repaired(origin.repaired) {
            origin.ordinal = delivery.next_ordinal_;
            origin.offset = offset;
            origin.repaired = repaired || delivery.repair_next_;
        }
        ~Marked() { origin.repaired = repaired; }
        RecordOrigin& origin;
        bool repaired;
    };

    void count_record() {
        repair_next_ = false;
        ++next_ordinal_;
        ++stats_.records;
    }

    RecordSink& sink_;
    ReadStats& stats_;
    RecordOrigin origin_;
    uint64_t next_ordinal_ = 0;
    bool repair_next_ = false;
};

}  // namespace yagura::decode
