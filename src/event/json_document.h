// JSON text with its structural index, and the one pass that fills an Event from a record.
//
//   JsonDocument document;
//   if (auto fault = document.index(text)) …          // text in a PaddedText: 64 readable bytes
//   follow for (uint32_t at = 0; at < document.size();) {      // concatenated and
//   newline-delimited values
//       if (auto fault = walk_record(document, at, plan, event)) …
//   }
//
// Stage 1 of simdjson finds every bracket, colon, comma and start of a value; our own walk over
// that index costs less than a DOM because values stay where they are and unwanted sub-trees are
// only checked, not built (reference: Langdale & Lemire, "Parsing Gigabytes of JSON per Second").
// The grammar is checked in full (RFC 8259), including inside skipped parts; depth ≤ 128, keys ≤
// 10,000, record ≤ 16 MiB.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/fault.h"
#include "event/event.h"

namespace yagura::event {

constexpr size_t kPadding = 64;
constexpr uint32_t kMaxDepth = 128;
constexpr uint32_t kMaxKeys = 10'000;
constexpr uint32_t kMaxRecordBytes = 16u << 20;

// Owned bytes followed by kPadding zero bytes, as simdjson needs them.
class PaddedText {
  public:
    PaddedText() = default;
    explicit PaddedText(std::string_view text);
    // Uninitialised room for `size` bytes (the padding is zeroed); fill through data(), cut with
    // resize().
    static PaddedText with_size(size_t size);

    char* data() { return bytes_.get(); }
    const char* data() const { return bytes_.get(); }
    size_t size() const { return size_; }
    void resize(size_t size);  // only down
    std::string_view view() const { return {bytes_.get(), size_}; }

  private:
    std::unique_ptr<char[]> bytes_;
    size_t size_ = 0;
};

class JsonDocument {
  public:
    JsonDocument();
    ~JsonDocument();
    JsonDocument(JsonDocument&&) noexcept;
    JsonDocument& operator=(JsonDocument&&) noexcept;

    // Indexes `text`, which must stay alive with kPadding readable bytes behind it, at most 2 GiB.
    // Fails on invalid UTF-8 (bad_utf8), an unclosed string or a raw control character in one
    // (bad_json). Blank text gives an empty document. The index is reused by the next call.
    std::optional<Fault> index(std::string_view text);

    std::string_view text() const { return text_; }
    uint32_t size() const { return count_; }                 // entries in the index
    char at(uint32_t i) const { return text_[starts_[i]]; }  // i < size()
    uint32_t offset(uint32_t i) const {
        return starts_[i];
    }  // byte offset; text().size() for i == size()

    // Moves `at` past the value it points to, checking its grammar. On a fault `at` is where it was
    // found.
    std::optional<Fault> skip(uint32_t& at);

    // The value at `at` as a view (its whole text), moving past it.
    std::optional<Fault> read(uint32_t& at, ValueView& value);

    // Looks for `key` in the object at `at`, one level deep; returns the index of its value, or
    // nullopt (also when the object is malformed).
    std::optional<uint32_t> find(uint32_t at, std::string_view key);

  private:
    friend class Walk;
    struct Stage1;
    std::unique_ptr<Stage1> stage1_;
    std::string_view text_;
    const uint32_t* starts_ = nullptr;
    uint32_t count_ = 0;
    // No backslash in [clean_from_, next_backslash_); strings in there need no check of their
    // escapes.
    size_t clean_from_ = 0;
    size_t next_backslash_ = 0;
};

// Fills `event` (which must have been reset to its plan) from the object at `at` and moves past it.
// On a fault the event is incomplete and `at` unchanged; find the next record by skip_balanced().
std::optional<Fault> walk_record(JsonDocument& document, uint32_t& at, Event& event);

// Moves past one bracketed value by counting brackets only; false when it never closes.
bool skip_balanced(const JsonDocument& document, uint32_t& at);

// Calls `visit(ValueView)` for every string, number and boolean leaf of a JSON text (keywords;
// tests). The text must be valid and padded.
void for_each_leaf(std::string_view padded_text,
                   const std::function<bool(const ValueView&)>& visit);

}  // namespace yagura::event
