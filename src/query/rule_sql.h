// A rule as SQL that a person can read, change and run: `yagura rules convert --to sql`.
//
// The text is DuckDB's, over the lake's columns, and runs as it stands under `yagura query --sql`.
// Where it says less or more than the rule does, a note says so; without notes it finds exactly the
// events the rule matches. Hunts do not use it: they ask the rule itself (hunt.h).
#pragma once

#include <string>
#include <vector>

#include "logtype/log_type.h"
#include "match/ir.h"

namespace yagura::query {

struct RuleSql {
    std::string condition;           // for a WHERE over the view of the log type, called t
    std::vector<std::string> notes;  // sentences, in the language of the person
};

RuleSql rule_sql(const match::Rule& rule, const logtype::LogType& type);

// The whole statement, with the rule's title and the notes as comments.
std::string rule_select(const match::Rule& rule, const logtype::LogType& type);

}  // namespace yagura::query
