// Inside sql/ only: DuckDB's vectors as ColumnViews. Includes the engine's header.
#pragma once

#include "sql/function.h"
#include "sql/library.h"
#include "sql/rows.h"

namespace yagura::sql {

Type type_of(duckdb_type type);
std::string engine_type_name(duckdb_type type);
duckdb_type engine_type(Type type);

// Code and sentence of an engine error.
Error engine_error(duckdb_error_type type, const char* message);

struct VectorAccess {
    static ColumnView view(duckdb_vector vector);
};

}  // namespace yagura::sql
