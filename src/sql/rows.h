// The result of a query, read chunk by chunk while the engine still works on the rest.
//
//   YAGURA_TRY(auto rows, connection.query("SELECT source_ip, count(*) FROM t GROUP BY ALL"));
//   for (;;) {
//       YAGURA_TRY(const bool more, rows.next());
//       if (!more) break;
//       for (size_t row = 0; row < rows.size(); ++row) use(rows.column(0).text(row),
//       rows.column(1).integer(row));
//   }
//
// Memory stays at about one chunk (2,048 rows) as long as the query itself can stream. Rows belongs
// to one thread and keeps its connection busy: finish or drop it before the next query on that
// connection.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "sql/value.h"

namespace yagura::sql {

struct Column {
    std::string name;
    Type type = Type::text;
    std::string engine_type;  // DuckDB's own name: "VARCHAR", "DECIMAL", "LIST", …
};

// One column of the current chunk; valid until the next call of Rows::next().
class ColumnView {
  public:
    Type type() const { return type_; }

    bool is_null(size_t row) const {
        return validity_ != nullptr && (validity_[row / 64] >> (row % 64) & 1) == 0;
    }

    // The accessor must fit type(); the value of a NULL row is unspecified.
    bool boolean(size_t row) const { return static_cast<const uint8_t*>(data_)[row] != 0; }
    int64_t integer(size_t row) const;  // also time, as microseconds
    double real(size_t row) const;      // also integers
    std::string_view text(size_t row) const {
        // DuckDB's string_t: a length, then up to 12 bytes in place, or a prefix and a pointer.
        const char* at = static_cast<const char*>(data_) + row * 16;
        uint32_t size;
        std::memcpy(&size, at, 4);
        if (size <= 12) return {at + 4, size};
        const char* bytes;
        std::memcpy(&bytes, at + 8, 8);
        return {bytes, size};
    }
    // The 16 bytes of a UUID in the order they are written.
    Hash128 uuid(size_t row) const;

    // The cell as people and files want it: times as ISO 8601, nested values as JSON. NULL appends
    // nothing.
    void append_text(std::string& out, size_t row) const;
    // Times, numbers, booleans and text as such; all else as text.
    Value value(size_t row) const;

  private:
    friend class Rows;
    friend struct VectorAccess;
    const void* data_ = nullptr;
    const uint64_t* validity_ = nullptr;
    void* vector_ = nullptr;  // the engine's vector, for nested types
    Type type_ = Type::text;
    uint8_t physical_ = 0;  // how the numbers lie in memory (duckdb_type)
};

class Rows {
  public:
    Rows(Rows&&) noexcept;
    Rows& operator=(Rows&&) noexcept;
    ~Rows();

    const std::vector<Column>& columns() const;

    // Fetches the next chunk; false at the end. An interrupted query fails with Code::cancelled.
    Result<bool> next();

    // Rows in the current chunk.
    size_t size() const;
    const ColumnView& column(size_t index) const;

    // Rows an INSERT, UPDATE, DELETE or COPY touched.
    uint64_t changed() const;

    // Reads everything that is left; for small results.
    Result<std::vector<std::vector<Value>>> all();

    struct Impl;
    explicit Rows(std::unique_ptr<Impl> impl);

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace yagura::sql
