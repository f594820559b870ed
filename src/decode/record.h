// What decoding an object yields: records and lines, pushed to a sink, each with its origin.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/fault.h"
#include "base/time.h"
#include "event/json_document.h"

namespace yagura::decode {

// The ordinal of a fault that concerns an object, or a part of it, rather than one record.
constexpr uint64_t kNoOrdinal = UINT64_MAX;

// Where a record came from. The views live until the sink returns.
struct RecordOrigin {
    std::string_view object;  // path of the object; with "!member" for archives
    // Position among the records of the object (all members of an archive together), from 0. Every
    // record counts, also one that could not be decoded, so the number is the same at every
    // reading.
    uint64_t ordinal = 0;
    uint64_t offset =
        0;  // first byte of the record (or its envelope's message) in the inflated member

    // From the envelope, when there is one: CloudWatch Logs or EventBridge.
    std::string_view log_group;
    std::string_view log_stream;
    std::string_view account;  // owner, account
    std::string_view region;
    std::string_view detail_type;
    std::optional<Timestamp> time;

    // Bad UTF-8, UTF-16 or a byte order mark was mended before the sink saw the record.
    bool repaired = false;
};

// Takes what read_records() finds. One sink belongs to one worker; calls come in order of ordinals.
class RecordSink {
  public:
    virtual ~RecordSink() = default;

    // One record: the object at index entry `at` of `document`. The sink moves `at` past it
    // (event::walk_record and document.skip() do) or returns why it cannot use the record; then the
    // reader finds the next one itself and calls fault(). A record that reaches over the end of the
    // reader's window may be offered incomplete; its fault is ignored and the same ordinal comes
    // again.
    virtual std::optional<Fault> json(event::JsonDocument& document,
                                      uint32_t& at,
                                      const RecordOrigin& origin) = 0;

    // One line of a text log, header lines too, or one text message of a CloudWatch Logs envelope
    // (which may hold newlines). Valid UTF-8, never empty. A fault's offset counts within the line.
    virtual std::optional<Fault> line(std::string_view line, const RecordOrigin& origin) = 0;

    // Something that could not be used: one record (its ordinal in `origin`), or an object or
    // member (kNoOrdinal). `fault.offset` counts in the inflated member. `bytes` are at most
    // kQuarantineBytes of it, as they stand: hostile, not necessarily UTF-8.
    virtual void fault(const Fault& fault, const RecordOrigin& origin, std::string_view bytes) = 0;

    // Asked now and then: true ends the reading early.
    virtual bool stop() const { return false; }
};

constexpr size_t kQuarantineBytes = 4096;

}  // namespace yagura::decode
