// A scalar function of ours that SQL can call, working on whole vectors.
//
//   ScalarFunction twice{"twice", {Type::integer}, Type::integer};
//   twice.call = [](std::span<const ColumnView> in, size_t rows, FunctionOutput& out) {
//       for (size_t row = 0; row < rows; ++row) out.set(row, in[0].integer(row) * 2);
//   };
//
// Rows where an argument is NULL are NULL and not shown to `call`'s output unless `sees_null` is
// set. `call` runs on the engine's threads, several at once: it must not touch shared state
// unguarded. It must not throw.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/rows.h"

namespace yagura::sql {

class FunctionOutput {
  public:
    void set_null(size_t row);
    void set(size_t row, bool value) { static_cast<bool*>(data_)[row] = value; }
    void set(size_t row, int64_t value) { static_cast<int64_t*>(data_)[row] = value; }
    void set(size_t row, double value) { static_cast<double*>(data_)[row] = value; }
    void set(size_t row, Timestamp value) { set(row, to_micros(value)); }
    void set(size_t row, std::string_view value);  // copied

    // Ends the query with this message.
    void fail(std::string message) { error_ = std::move(message); }

  private:
    friend struct FunctionCall;
    void* data_ = nullptr;
    void* vector_ = nullptr;
    std::string error_;
};

struct ScalarFunction {
    std::string name;
    std::vector<Type> parameters;  // boolean, integer, real, text or time
    Type result = Type::text;
    bool sees_null = false;
    std::function<void(std::span<const ColumnView> arguments, size_t rows, FunctionOutput& out)>
        call;
};

}  // namespace yagura::sql
