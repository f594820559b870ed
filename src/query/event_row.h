// One event of the lake, found by where it came from.
//
//   YAGURA_TRY(auto event, engine->event(question, {object_id, ordinal}, rules));
//   if (event) use(event->cells, event->record, event->explained);
//
// Everything here is owned, except that explanations point into their rules.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "logtype/log_type.h"
#include "match/explain.h"
#include "match/ir.h"
#include "sql/value.h"
#include "store/findings.h"

namespace yagura::query {

// Where a row came from.
struct Origin {
    int64_t object = 0;
    int64_t ordinal = 0;
    friend auto operator<=>(const Origin&, const Origin&) = default;
};

struct EventRow {
    const logtype::LogType* type = nullptr;
    Timestamp time{};
    Origin origin;
    std::vector<sql::Value> cells;  // of the columns of the log type's schema, in its order
    std::string record;             // the record's bytes, or put together from the columns
    bool is_rebuilt = false;        // the latter
    std::string object_path;        // as the scope may read it; may be empty
    bool object_is_available = false;
    std::vector<std::string> detections;  // ids of rules that matched when it was stored

    struct Explained {
        const match::Rule* rule = nullptr;
        match::Explanation why;
    };
    std::vector<store::KeptFinding> findings;  // that its detections are counted in
    std::vector<Explained> explained;  // those of the rules at hand that are among the detections
};

}  // namespace yagura::query
