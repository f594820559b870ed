// Inside sql/ only: DuckDB's C API, from a library that is loaded when the engine is first needed.
//
//   YAGURA_CHECK(load_library());
//   duckdb_connect(database, &connection);  // as ever
//
// Loading it takes 10 ms, more than a scan of a small folder, and most commands never ask a lake.
// So nothing is linked with it: the functions named in library.def are variables of this namespace,
// found before those of the header. They are null until load_library() has succeeded.
#pragma once

#include <duckdb.h>

#include "base/result.h"

namespace yagura::sql {

#define CALL(name) extern decltype(&::name) name;
#include "sql/library.def"
#undef CALL

// Once a process, from any thread; later calls answer as the first. The library is libduckdb.so of
// the program's own run path, or of the system's.
Result<void> load_library();

}  // namespace yagura::sql
