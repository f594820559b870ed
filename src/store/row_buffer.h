// Rows of one log type and one day, held column by column until they become a segment.
//
//   RowBuffer rows(schema_of(logtype::cloudtrail));
//   rows.append(event, {.object_id = 7, .detections = "rule-1 rule-2", .detection_level = "high"});
//   YAGURA_TRY(auto segment, write_segment(rows, path));
//
// Repeating texts are kept once and referred to by number, so a buffer is close to what a segment's
// dictionaries need and its size in memory is a fraction of the rows'. Belongs to one worker.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/large_memory.h"
#include "event/event.h"
#include "sql/rows.h"
#include "store/json_text.h"
#include "store/schema.h"

namespace yagura::store {

// A column of texts as numbers into a table of distinct values (all values, once repetition proves
// rare).
class TextColumn {
  public:
    static constexpr uint32_t kNull = 0xFFFFFFFF;

    void add_null() { codes_.push_back(kNull); }
    void add(std::string_view text);

    const std::vector<uint32_t>& codes() const { return codes_; }
    size_t entry_count() const { return entries_.size(); }
    std::string_view entry(uint32_t code) const {
        return {entries_[code].bytes, entries_[code].size};
    }
    // Says that entry() will follow soon, so that the text is on its way meanwhile.
    void expect(uint32_t code) const {
        if (code != kNull) __builtin_prefetch(entries_[code].bytes);
    }
    size_t memory() const;
    void clear();

  private:
    struct Entry {
        const char* bytes;  // in a block
        uint32_t size;
        uint32_t hash;  // while interning
    };

    uint32_t add_entry(std::string_view text, uint32_t hash);
    uint32_t intern(std::string_view text);
    bool grow();  // false: repetition is too rare to look for
    void add_block(size_t size);

    // Of open addressing. With its hash, as most entries looked at are others.
    struct Place {
        uint32_t hash = 0;
        uint32_t entry = 0;  // + 1; 0: free
    };

    // What add() asks first.
    bool interning_ = true;
    uint32_t latest_code_ = kNull;  // interned last
    std::string_view latest_;
    std::vector<uint32_t> codes_;
    std::vector<Place> table_;
    std::vector<Entry> entries_;
    // Texts stay where they are first put: a buffer that grows would copy all of them again.
    std::vector<LargeBytes> blocks_;
    size_t block_bytes_ = 0;  // of all blocks
    char* free_ = nullptr;    // in the last one
    size_t free_size_ = 0;
};

// Numbers, booleans and times; UUIDs use both halves.
class FixedColumn {
  public:
    explicit FixedColumn(bool wide) : wide_(wide) {}
    void add_null() { add(0, 0, false); }
    void add(int64_t value) { add(static_cast<uint64_t>(value), 0, true); }
    void add(Hash128 value) { add(value.low, value.high, true); }

    bool is_null(size_t row) const { return !present_[row]; }
    bool has_nulls() const { return nulls_ != 0; }
    int64_t value(size_t row) const { return static_cast<int64_t>(low_[row]); }
    Hash128 wide_value(size_t row) const { return {low_[row], high_[row]}; }
    size_t size() const { return low_.size(); }
    size_t memory() const {
        return low_.capacity() * 8 + high_.capacity() * 8 + present_.capacity();
    }
    void clear();

  private:
    void add(uint64_t low, uint64_t high, bool present);
    std::vector<uint64_t> low_;
    std::vector<uint64_t> high_;
    std::vector<uint8_t> present_;
    size_t nulls_ = 0;
    bool wide_;
};

struct RowOrigin {
    int64_t object_id = 0;
    std::string_view detections;  // ids of rules that matched, separated by blanks; empty: none
    std::string_view detection_level;  // of the gravest
};

class RowBuffer {
  public:
    explicit RowBuffer(const Schema& schema);

    // Copies the event. Whatever fits no column goes to `extra`; nothing is refused. The arena of
    // `event` is used.
    void append(event::Event& event, const RowOrigin& origin);

    // Copies rows read back from segments of the same log type; columns are matched by name.
    void append(const sql::Rows& chunk);

    const Schema& schema() const { return *schema_; }
    size_t rows() const { return rows_; }
    size_t memory() const {
        return memory_;
    }  // estimate, brought up to date every few hundred rows
    Timestamp min_time() const { return from_micros(min_time_); }
    Timestamp max_time() const { return from_micros(max_time_); }

    // Row numbers by event_time, then object and ordinal.
    std::vector<uint32_t> time_order() const;

    const TextColumn& text(size_t column) const { return texts_[place_[column]]; }
    const FixedColumn& fixed(size_t column) const { return fixed_[place_[column]]; }

    // Forgets the rows and gives memory back.
    void clear();

  private:
    // Where a dictionary field goes.
    struct Target {
        int32_t place = -1;  // in texts_ or fixed_; none when a column of ours holds its value
        Storage storage = Storage::text;
        event::Type type = event::Type::text;
        bool is_event_time = false;
    };

    void add_value(const Target& to,
                   event::Event& event,
                   const event::ValueView& value,
                   bool& fits);
    void add_text(const Target& to, event::Event& event, const event::ValueView& value);
    void append_extra(event::Event& event);
    void note_row(int64_t micros);
    void add_null(size_t column);
    void add_cell(size_t column, const sql::ColumnView& source, size_t row);

    const Schema* schema_;
    std::vector<uint32_t> place_;  // of a column in texts_ or fixed_
    std::vector<Target> targets_;  // by slot
    std::vector<TextColumn> texts_;
    std::vector<FixedColumn> fixed_;
    size_t rows_ = 0;
    size_t memory_ = 0;
    int64_t min_time_ = 0;
    int64_t max_time_ = 0;
    std::vector<uint16_t> misfits_;  // slots of the row being added whose value did not fit
    ExtraObject extra_;
    std::string scratch_;
};

}  // namespace yagura::store
