// May this SQL be run? One SELECT over the tables that are offered, and nothing else.
//
//   YAGURA_TRY(const auto used, check_select(connection, sql, {"cloudtrail", "guardduty"}, scope));
//
// The engine's own parser gives the tree. Every table in it must be one that is offered or a common
// table expression, every table function one that makes rows out of nothing; so no file, no setting
// and no other catalog of the engine can be named. Code::invalid says what was wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/account_scope.h"
#include "base/result.h"
#include "sql/database.h"

namespace yagura::query {

struct UsedNames {
    std::vector<std::string> tables;       // of those offered, sorted
    std::vector<std::string> text_makers;  // functions, see text_bounds.h; in lower case, sorted
};

// What the statement reads and calls. Who does not see all accounts may not call the functions that
// fetch a record or an object by its number.
Result<UsedNames> check_select(sql::Connection& connection,
                               std::string_view sql,
                               const std::vector<std::string>& offered,
                               const AccountScope& scope);

}  // namespace yagura::query
