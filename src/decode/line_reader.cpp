#include "decode/line_reader.h"

#include <algorithm>
#include <cstring>

#include "base/byte_scan.h"
#include "base/text.h"

namespace yagura::decode {
namespace {

class LineReader {
  public:
    LineReader(TextWindow& window, Delivery& delivery, size_t window_bytes)
        : window_(window), delivery_(delivery), unwrapper_(delivery), window_bytes_(window_bytes) {}

    void run() {
        for (;;) {
            read_window();
            if (delivery_.stop()) return;
            const size_t rest = window_.text().size();
            if (rest > event::kMaxRecordBytes) drop_long_line();
            if (window_.at_end()) break;
            window_.grow(std::max(window_bytes_, rest));
        }
        if (!skipping_) deliver(window_.text(), window_.offset());
        window_.drop(window_.text().size());
    }

  private:
    // Delivers the complete lines of the window.
    void read_window() {
        const std::string_view text = window_.text();
        size_t at = 0;
        for (;;) {
            const void* found =
                at < text.size() ? std::memchr(text.data() + at, '\n', text.size() - at) : nullptr;
            if (found == nullptr) break;
            const auto end = static_cast<size_t>(static_cast<const char*>(found) - text.data());
            if (!skipping_) deliver(text.substr(at, end - at), window_.offset() + at);
            skipping_ = false;
            at = end + 1;
            if ((++lines_ & 0xFFF) == 0 && delivery_.stop()) break;
        }
        window_.drop(at);
    }

    void drop_long_line() {
        const std::string_view text = window_.text();
        const Fault fault{FaultCode::too_long, window_.offset()};
        if (!skipping_) delivery_.record_fault(fault, window_.offset(), text);
        skipping_ = true;
        window_.drop(text.size());
    }

    void deliver(std::string_view line, uint64_t offset) {
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (trim(line).empty()) return;
        if (line.size() > event::kMaxRecordBytes) {
            return delivery_.record_fault({FaultCode::too_long, offset}, offset, line);
        }
        if (is_ascii(line) || is_valid_utf8(line)) return deliver_valid(line, offset);
        repaired_ = repair_utf8(line);
        RecordOrigin& origin = delivery_.origin();
        const bool before = origin.repaired;
        origin.repaired = true;
        deliver_valid(repaired_, offset);
        origin.repaired = before;
    }

    void deliver_valid(std::string_view line, uint64_t offset) {
        if (line.front() == '{' && unwrapper_.json_text(line, offset, true)) return;
        delivery_.line(line, offset);
    }

    TextWindow& window_;
    Delivery& delivery_;
    Unwrapper unwrapper_;
    const size_t window_bytes_;
    std::string repaired_;
    uint64_t lines_ = 0;
    bool skipping_ = false;
};

}  // namespace

void read_lines(TextWindow& window, Delivery& delivery, size_t window_bytes) {
    LineReader(window, delivery, window_bytes).run();
}

}  // namespace yagura::decode
