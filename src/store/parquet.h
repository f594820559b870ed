// Writes a RowBuffer as a Parquet file, straight from its columns.
//
// Writing Parquet ourselves instead of through the engine halves the cost of ingest: the buffer
// already holds dictionaries, and neither rows nor values are copied through a query (docs/lake.md
// has the measurement). Format: https://parquet.apache.org/docs/file-format/ — version 2.6 types,
// data pages v1, PLAIN, RLE_DICTIONARY and DELTA_BINARY_PACKED encodings, zstd, one row group per
// 122,880 rows, min/max statistics.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "store/files.h"
#include "store/row_buffer.h"

namespace yagura::store {

constexpr size_t kRowGroupRows = 122'880;

struct ParquetOptions {
    int zstd_level = 1;
};

// Writes the rows in the given order (RowBuffer::time_order()) into `file`; does not publish it.
Result<void> write_parquet(const RowBuffer& rows,
                           std::span<const uint32_t> order,
                           NewFile& file,
                           const ParquetOptions& options = {});

}  // namespace yagura::store
