// Functions whose SQL depends on more than their arguments' text: constants to check, periods,
// branches.
#pragma once

#include <vector>

#include "query/plan.h"

namespace yagura::query {

class Typing;
struct Expr;

using Nodes = std::vector<NodePtr>;

NodePtr build_bin(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_datefloor(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_dateceil(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_now(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_query_start(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_query_end(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_query_range(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_case(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_if(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_coalesce(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_subnet(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_parse_date(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_format_date(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_regex_replace(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_sum(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_min(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_max(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_pct(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_sorts_first(Typing& typing, const Expr& call, Nodes arguments);
NodePtr build_sorts_last(Typing& typing, const Expr& call, Nodes arguments);

}  // namespace yagura::query
