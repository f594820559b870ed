// Which principals and which of their values every form of the summary shows.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/language.h"
#include "finding/principal_summary.h"
#include "finding/sensitive_api.h"
#include "report/principals.h"

namespace yagura::report {

struct AspectRow {
    finding::Aspect aspect;
    std::string_view key;  // in files
    Text title;            // on the screen, with a colon
};
std::span<const AspectRow> aspect_rows();

// Whether its values are things that were done or found, rather than where and with what.
bool is_action(finding::Aspect aspect);

struct ChosenPrincipals {
    std::vector<finding::SummarisedPrincipal> principals;  // views point into the summary
    size_t left_out = 0;                                   // beyond PrincipalOptions::principals
};
ChosenPrincipals choose(const finding::PrincipalSummary& summary, const PrincipalOptions& options);

// The values to show of one kind: calls with the security-relevant ones first, keys without
// temporary ones, which `hidden_keys` counts.
std::vector<finding::AspectValue> values_of(const finding::SummarisedPrincipal& principal,
                                            finding::Aspect aspect,
                                            const PrincipalOptions& options,
                                            size_t& hidden_keys);

// Why a call is security-relevant; null for other calls and other aspects.
const finding::SensitiveApi* reason_of(finding::Aspect aspect, std::string_view text);

}  // namespace yagura::report
