// POST /findings/suppress: an exception from findings, or from whom they are about.
//
// Whoever sees only some accounts makes exceptions for those alone.
#include <map>

#include "api/audited.h"
#include "api/finding_json.h"
#include "api/finding_request.h"
#include "api/people_json.h"
#include "base/messages/console.h"
#include "console/console.h"
#include "console/covering.h"

namespace yagura::api {
namespace {

using console::Entities;
using console::NewException;
using http::Response;

// One for each rule, for exactly those findings.
std::vector<NewException> from_findings(const console::Sight& sight,
                                        const std::vector<uint32_t>& places) {
    std::map<std::string_view, NewException> by_rule;
    for (const uint32_t place : places) {
        const store::KeptFinding& kept = sight.finding(place).kept;
        NewException& one = by_rule[kept.rule_id];
        one.rules = {kept.rule_id};
        one.entities.push_back({{kept.account}, kept.principal, kept.source_ip});
    }
    std::vector<NewException> out;
    for (auto& [rule, one] : by_rule) out.push_back(std::move(one));
    return out;
}

Result<NewException> from_match(const http::Json& match, const AccountScope& scope) {
    NewException out;
    YAGURA_TRY(const auto rule, read_text(match, "rule_id"));
    YAGURA_TRY(const auto account, read_text(match, "account"));
    Entities entities;
    YAGURA_TRY(entities.principal, read_text(match, "principal"));
    YAGURA_TRY(entities.source_ip, read_text(match, "source_ip"));
    const auto drop_empty = [](std::optional<std::string>& text) {
        if (text && text->empty()) text.reset();
    };
    drop_empty(entities.principal);
    drop_empty(entities.source_ip);
    if (rule && !rule->empty()) out.rules = {*rule};
    if (account && !account->empty()) {
        if (!scope.contains(*account))
            return fail(Code::forbidden, say(message::console_other_account, *account));
        entities.accounts = {*account};
    } else if (!scope.is_all()) {
        entities.accounts = scope.accounts();
        if (entities.accounts.empty())
            return fail(Code::forbidden, say(message::console_other_account, ""));
    }
    const bool says_something =
        entities.principal || entities.source_ip || !entities.accounts.empty();
    if (says_something) out.entities = {std::move(entities)};
    return out;
}

Result<std::vector<NewException>> read_wanted(const Call& call,
                                              const http::Json& body,
                                              const console::Sight& sight) {
    std::vector<NewException> wanted;
    const http::Json* match = body.find("match");
    if (match && match->is_object()) {
        YAGURA_TRY(auto one, from_match(*match, call.who.accounts));
        wanted.push_back(std::move(one));
    } else {
        YAGURA_TRY(const auto places, read_findings(body, sight));
        wanted = from_findings(sight, places);
    }
    const bool is_preview = body.boolean("preview");
    YAGURA_TRY(auto reason, read_text(body, "reason"));
    YAGURA_TRY(auto expires, read_time(body, "expires"));
    if (is_preview && (!reason || reason->empty())) reason = "-";
    if (is_preview && !expires) expires = call.services.now() + std::chrono::hours(1);
    if (!expires) return fail(Code::invalid, say(message::console_needs, "expires"));
    for (NewException& one : wanted) {
        one.owner = call.who.name;
        one.reason = reason.value_or("");
        one.expires = *expires;
    }
    return wanted;
}

struct Hidden {
    uint64_t events = 0;
    uint64_t findings = 0;
};

// What it would hide of what is shown now.
Hidden hidden_by(const console::Sight& sight, const match::Policy& policy) {
    Hidden out;
    for (const store::Placed& placed : sight.ranking->order) {
        if (sight.standing(placed.place).status == console::Status::suppressed) continue;
        const store::KeptFinding& kept = sight.finding(placed.place).kept;
        for (const match::Exception& exception : policy.exceptions) {
            if (!console::covers(exception, kept)) continue;
            out.events += kept.count;
            ++out.findings;
            break;
        }
    }
    return out;
}

std::string told(const NewException& one) {
    std::string out = one.rules.empty() ? "" : "rule " + one.rules[0] + "; ";
    for (const Entities& entities : one.entities) {
        for (const std::string& account : entities.accounts) out += account + " ";
        out += entities.principal.value_or("*") + " " + entities.source_ip.value_or("*") + "; ";
    }
    return out + "until " + format_iso8601(one.expires) + "; " + one.reason;
}

}  // namespace

Result<Response> suppress_findings(Call& call) {
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(console::Console * console, console_of(call));
    const Timestamp now = call.services.now();
    YAGURA_TRY(const console::Sight sight, console->board.sight(call.who.accounts, now));
    YAGURA_TRY(const auto wanted, read_wanted(call, body, sight));
    YAGURA_TRY(const match::Policy policy, console::policy_of(wanted, now));
    const Hidden hidden = hidden_by(sight, policy);
    std::string out;
    JsonObject answer(out);
    answer.number("would_hide", hidden.events);
    answer.number("findings", hidden.findings);
    if (!body.boolean("preview")) {
        YAGURA_TRY(const auto ids, console->exceptions.add(wanted, now));
        for (size_t i = 0; i < ids.size(); ++i)
            YAGURA_CHECK(audit(call, "exception.add", ids[i], told(wanted[i])));
        if (!ids.empty()) answer.text("exception_id", ids[0]);
        answer.key("exception_ids");
        append_json_list(out, ids);
    }
    answer.close();
    return private_json(std::move(out));
}

}  // namespace yagura::api
