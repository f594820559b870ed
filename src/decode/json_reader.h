// Takes JSON text apart into records, whatever its shape, and survives text that is not quite JSON.
//
// The text is indexed in regions of a few MiB (event::JsonDocument); inside a region records go to
// the sink straight from the index. Between records the reader looks at bytes, so it knows where it
// stands without the index. A record that reaches over the end of its region makes the next region
// start with it. Where the index cannot be had (bad UTF-8, a missing quote) or a record's grammar
// is broken, a PieceScanner cuts out one value after the other, and each is repaired and indexed on
// its own until the region ends. Work is linear in the text in all cases.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decode/delivery.h"
#include "decode/envelope.h"
#include "decode/piece_scanner.h"
#include "decode/text_window.h"
#include "event/json_document.h"

namespace yagura::decode {

class JsonReader {
  public:
    // `document` is lent for its memory. All must outlive the reader.
    JsonReader(TextWindow& window,
               Delivery& delivery,
               event::JsonDocument& document,
               size_t window_bytes);

    // Reads to the end of the text, or until the sink asks to stop.
    void run();

  private:
    // Where we stand: between values at the top, in the elements of an array, or among the members
    // of the object around `Records`; in `records`, in the elements of that array.
    enum class Place : uint8_t { top, array, wrapper, records };
    enum class Expect : uint8_t { first, value, separator };

    void step();
    void at_top(char c);
    void in_array(char c);
    void in_wrapper(char c);
    void open_array(Place place);
    void close_array();
    void leave_wrapper();
    bool read_member();
    void finish();

    void read_value();
    bool ensure_region();
    size_t choose_cut(size_t begin, size_t want) const;
    void index_region(size_t want);
    void read_indexed();
    void read_array_indexed();
    void reject_indexed(uint32_t start, Fault fault);
    void read_carved();
    void deliver_piece(std::string_view piece, Wrapping wrapping);
    void skip_long();
    void incomplete();
    bool is_wrapper(Wrapping& wrapping);

    // Finds the end of the value at pos_; npos when more text was asked for or the value is
    // skipped.
    size_t carve();
    size_t scan_piece();
    bool more(size_t step);
    void skip_blanks();
    void value_done(size_t end);
    void reject(Fault fault, size_t end);
    void not_a_record(size_t end);
    void structure_fault(FaultCode code);
    uint64_t offset_of(size_t position) const { return window_.offset() + position; }
    std::string_view start_of_record() const;
    void remember_start();

    TextWindow& window_;
    Delivery& delivery_;
    event::JsonDocument& document_;
    Unwrapper unwrapper_;
    const size_t window_bytes_;

    std::string_view text_;  // window_.text()
    size_t pos_ = 0;         // in text_
    Place place_ = Place::top;
    Place around_wrapper_ = Place::top;  // where the object around `Records` stands
    Expect expect_ = Expect::first;
    bool done_ = false;
    bool structure_told_ = false;
    bool cut_off_told_ = false;
    bool in_scalars_ = false;  // the last element was no object: a run of them is one fault
    uint32_t steps_ = 0;

    // The indexed part of text_; when not indexed_, the part where the index could not be had.
    size_t region_begin_ = 0;
    size_t region_end_ = 0;
    size_t region_want_;
    bool region_final_ = false;
    bool indexed_ = false;
    uint32_t at_ = 0;

    uint64_t wasted_ = 0;                    // bytes scanned for closing brackets that never came
    std::vector<std::string> plain_starts_;  // first bytes of objects that are no envelopes
    size_t next_start_ = 0;
    std::string resync_;  // first bytes of the last good record
    std::optional<PieceScanner> long_value_;

    event::JsonDocument piece_document_;
    Buffer piece_;
};

}  // namespace yagura::decode
