// Bytes in, records out: opens the containers of an object and takes its text apart.
//
//   RecordReader reader;                                  // one per worker, keeps its buffers
//   YAGURA_TRY(auto stats, reader.read(object, sink));    // the sink gets every record and fault
//
// Containers are told by content, never by name: gzip (several members), zstd, bzip2, tar, zip, one
// in another up to four archives deep. Text is UTF-8, or UTF-16 with a byte order mark. Shapes:
// `{"Records":[…]}`, a JSON array, one object, objects one after another with or without newlines,
// CloudWatch Logs subscription envelopes, EventBridge envelopes, and lines of text.
//
// One bad record costs that record. Memory stays within about 100 MiB whatever the size of the
// object, and at most 128 MiB more for the windows of zstd; inflating stops at 200:1 (after the
// first MiB) or 2 GiB per text. Nothing is thrown.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "decode/record.h"
#include "source/input.h"
#include "source/object.h"

namespace yagura::decode {

struct ReadOptions {
    uint64_t max_inflated_bytes = uint64_t{2} << 30;  // of one text, if it was compressed
    uint64_t max_ratio = 200;                         // inflated : stored, after the first MiB
    size_t whole_bytes = size_t{64} << 20;  // inflated at most this, a gzip is inflated in one go
    size_t probe_bytes = size_t{1}
                         << 20;  // text looked at to tell JSON, lines and binary data apart
    size_t window_bytes = size_t{1} << 20;  // JSON is indexed in pieces of this size
};

struct ReadStats {
    uint64_t bytes_in = 0;        // stored
    uint64_t bytes_inflated = 0;  // text seen, of all members
    uint64_t records = 0;         // taken by the sink: JSON records and lines
    uint64_t record_faults = 0;   // records that were not
    uint64_t object_faults = 0;   // faults without ordinal
    bool stopped = false;         // the sink asked to
};

class RecordReader {
  public:
    explicit RecordReader(ReadOptions options = {});
    ~RecordReader();
    RecordReader(RecordReader&&) noexcept;
    RecordReader& operator=(RecordReader&&) noexcept;

    // Fails only when the object cannot be opened or its first byte cannot be read; whatever
    // happens later is a fault given to the sink.
    Result<ReadStats> read(const source::Object& object, RecordSink& sink);
    Result<ReadStats> read(source::Input& input, RecordSink& sink);

  private:
    struct Buffers;
    ReadOptions options_;
    std::unique_ptr<Buffers> buffers_;
};

// The same for one object.
Result<ReadStats> read_records(const source::Object& object,
                               RecordSink& sink,
                               const ReadOptions& options = {});

}  // namespace yagura::decode
