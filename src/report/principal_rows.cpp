#include "report/principal_rows.h"

#include <algorithm>

#include "base/messages/report.h"
#include "base/text.h"

namespace yagura::report {
namespace {

using finding::Aspect;
using finding::AspectValue;
using finding::SummarisedPrincipal;

constexpr AspectRow kAspects[] = {
    {Aspect::succeeded, "calls_succeeded", message::summary_succeeded},
    {Aspect::failed, "calls_failed", message::summary_failed},
    {Aspect::finding, "findings", message::summary_findings},
    {Aspect::region, "regions", message::summary_regions},
    {Aspect::address, "addresses", message::summary_addresses},
    {Aspect::user_type, "user_types", message::summary_user_types},
    {Aspect::user_arn, "arns", message::summary_arns},
    {Aspect::access_key, "access_keys", message::summary_keys},
    {Aspect::user_agent, "user_agents", message::summary_agents},
};

bool is_call(Aspect aspect) {
    return aspect == Aspect::succeeded || aspect == Aspect::failed;
}

bool is_wanted(const SummarisedPrincipal& principal, const std::string& only) {
    if (only.empty()) return true;
    const auto holds = [&](std::string_view text) {
        return fold_case(text).find(fold_case(only)) != std::string::npos;
    };
    if (holds(principal.name) || holds(principal.account)) return true;
    const auto& arns = principal.of(Aspect::user_arn);
    return std::any_of(
        arns.begin(), arns.end(), [&](const AspectValue& arn) { return holds(arn.text); });
}

}  // namespace

bool is_action(Aspect aspect) {
    return is_call(aspect) || aspect == Aspect::finding;
}

std::span<const AspectRow> aspect_rows() {
    return kAspects;
}

const finding::SensitiveApi* reason_of(Aspect aspect, std::string_view text) {
    const size_t colon = text.find(':');
    if (!is_call(aspect) || colon == std::string_view::npos) return nullptr;
    return finding::find_sensitive_api(text.substr(0, colon), text.substr(colon + 1));
}

ChosenPrincipals choose(const finding::PrincipalSummary& summary, const PrincipalOptions& options) {
    ChosenPrincipals chosen;
    for (SummarisedPrincipal& principal : summary.principals()) {
        if (!is_wanted(principal, options.only)) continue;
        if (options.principals != 0 && chosen.principals.size() == options.principals) {
            ++chosen.left_out;
            continue;
        }
        chosen.principals.push_back(std::move(principal));
    }
    return chosen;
}

std::vector<AspectValue> values_of(const SummarisedPrincipal& principal,
                                   Aspect aspect,
                                   const PrincipalOptions& options,
                                   size_t& hidden_keys) {
    std::vector<AspectValue> values = principal.of(aspect);
    if (is_call(aspect)) {
        std::stable_partition(values.begin(), values.end(), [&](const AspectValue& value) {
            return reason_of(aspect, value.text) != nullptr;
        });
    }
    if (aspect == Aspect::access_key && !options.temporary_keys) {
        hidden_keys = std::erase_if(
            values, [](const AspectValue& value) { return value.text.starts_with("ASIA"); });
    }
    return values;
}

}  // namespace yagura::report
