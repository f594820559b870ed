// Rows of a scope, as SQL: what a person who may see some accounts only can be shown.
//
//   const std::string own = account_filter(type, scope);       // "" when they may see everything
//   "SELECT " + visible_columns(schema, own) + " FROM " + snapshot.table_sql(schema, segments) + …
//
// A condition alone is not enough where a person's own expressions run beside it: the engine
// may try them first, and an expression that fails for some values tells of rows that the condition
// would have taken away. So the values are hidden too, not only the rows.
#pragma once

#include <string>
#include <string_view>

#include "base/account_scope.h"
#include "store/schema.h"

namespace yagura::store {

// A condition that holds for the rows of the scope; "FALSE" when there can be none, as for log
// types without an account, and empty when all rows are meant.
std::string account_filter(const logtype::LogType& type, const AccountScope& scope);

// `expression`, a value of a row, or NULL for rows that `filter` takes away.
std::string visible(std::string_view expression, std::string_view filter);

// All columns of the schema under their names, values of foreign rows hidden.
std::string visible_columns(const Schema& schema, std::string_view filter);

// The path of an object as somebody of the scope may read it: from "AWSLogs/" on or the file's
// name, and empty when it names an account of somebody else. The whole path for those who see
// everything.
std::string visible_path(std::string_view path, const AccountScope& scope);

}  // namespace yagura::store
