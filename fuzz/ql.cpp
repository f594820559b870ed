// Queries people write: whatever the text, parsing and planning end, notes point into the text, and
// a plan becomes SQL that holds none of it.
#include <cstdint>
#include <string_view>

#include "expect.h"
#include "query/parser.h"
#include "query/planner.h"
#include "query/sql_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace yagura;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const query::Parsed parsed = query::parse(text);
    bool failed = false;
    for (const Diagnostic& note : parsed.notes) {
        YAGURA_EXPECT(note.line >= 1 && note.column >= 1);
        YAGURA_EXPECT(note.line <= size + 1 && note.column <= size + 1);
        failed = failed || note.grade == Grade::error;
    }
    YAGURA_EXPECT(failed == !parsed.query);
    if (!parsed.query) return 0;

    query::PlanOptions options;
    options.types.assign(logtype::all().begin(), logtype::all().end());
    options.clock.now = from_micros(1'700'000'000'000'000);
    const query::Planned planned = query::plan(*parsed.query, options);
    if (!planned.plan) {
        YAGURA_EXPECT(!planned.notes.empty());
        return 0;
    }
    query::explain(*planned.plan);
    query::SqlOptions sql_options;
    for (const logtype::LogType* type : options.types) sql_options.tables.emplace_back(type->name);
    const auto sql = query::write_sql(*planned.plan, sql_options);
    if (sql) YAGURA_EXPECT(sql->positions.size() == planned.plan->outputs.size());
    return 0;
}
