#include "api/finding_json.h"

#include <algorithm>
#include <set>

#include "api/people_json.h"
#include "api/resource_json.h"
#include "base/messages/console.h"
#include "base/text.h"
#include "console/console.h"
#include "finding/attack.h"
#include "finding/severity.h"
#include "finding/technique_names.h"

namespace yagura::api {
namespace {

std::vector<std::string> tags_of(const store::KeptFinding& kept) {
    std::vector<std::string> tags;
    for (const std::string_view tag : split(kept.tags, ' '))
        if (!tag.empty()) tags.emplace_back(tag);
    return tags;
}

void write_techniques(std::string& out, const std::vector<std::string>& tags) {
    JsonList list(out);
    for (const std::string& id : finding::techniques_of(tags)) {
        JsonObject technique(list.next());
        technique.text("id", id);
        write_text(technique, out, "name", finding::technique_name(id));
        technique.close();
    }
    list.close();
}

std::set<std::string_view> log_types_of(const store::KeptFinding& kept) {
    std::set<std::string_view> types;
    for (const store::FindingSample& sample : kept.samples) types.insert(sample.log_type);
    return types;
}

std::vector<std::string_view> tactics_of(const finding::TacticSet& set) {
    std::vector<std::string_view> out;
    for (const finding::Tactic tactic : finding::in_order(set))
        out.push_back(finding::tactic_row(tactic).id);
    return out;
}

}  // namespace

std::string_view title_of(const store::KeptFinding& finding) {
    const bool japanese = language() == Language::japanese && !finding.title_ja.empty();
    return japanese ? finding.title_ja : finding.title;
}

bool may_see(const console::KnownException& exception, const AccountScope& scope) {
    if (scope.is_all()) return true;
    return exception.accounts &&
           std::all_of(exception.accounts->begin(),
                       exception.accounts->end(),
                       [&](const std::string& account) { return scope.contains(account); });
}

Result<console::Console*> console_of(const Call& call) {
    if (!call.services.console) return fail(Code::unsupported, say(message::console_none));
    return call.services.console;
}

Result<FindingWriter> FindingWriter::of(const Call& call) {
    YAGURA_TRY(console::Console * console, console_of(call));
    return of(*console, call.who.accounts, call.services.now());
}

Result<FindingWriter> FindingWriter::of(console::Console& console,
                                        const AccountScope& scope,
                                        Timestamp now) {
    FindingWriter out;
    out.scope_ = scope;
    YAGURA_TRY(out.sight_, console.board.sight(scope, now));
    YAGURA_TRY(out.aliases_, console.aliases.all());
    return out;
}

std::string_view FindingWriter::alias(std::string_view account) const {
    const auto found = aliases_->find(account);
    if (found == aliases_->end() || !scope_.contains(account)) return {};
    return found->second.alias;
}

void FindingWriter::write(std::string& out, uint32_t place) const {
    JsonObject row(out);
    write_facts(row, out, place);
    row.integer("comments", sight_.standing(place).comments);
    row.close();
}

void FindingWriter::write_facts(JsonObject& row,
                                std::string& out,
                                uint32_t place,
                                size_t resources) const {
    const console::BoardFinding& finding = sight_.finding(place);
    const store::KeptFinding& kept = finding.kept;
    const std::vector<std::string> tags = tags_of(kept);
    row.text("id", finding.id);
    row.text("rule_id", kept.rule_id);
    write_text(row, out, "title", title_of(kept));
    row.text("level", match::level_name(kept.level));
    if (!kept.author.empty()) row.text("author", kept.author);
    row.key("tags");
    append_json_list(out, tags);
    row.key("tactics");
    append_json_list(out, tactics_of(finding.tactics));
    row.key("techniques");
    write_techniques(out, tags);
    write_text(row, out, "account", kept.account);
    if (const auto name = alias(kept.account); !name.empty()) row.text("account_alias", name);
    write_text(row, out, "principal", kept.principal);
    write_text(row, out, "source_ip", kept.source_ip);
    write_resources(row, out, kept, resources);
    row.number("count", kept.count);
    row.number("failed", kept.failed);
    row.text("first", format_iso8601(kept.first));
    row.text("last", format_iso8601(kept.last));
    row.real("score", sight_.score(place));
    row.boolean("sample", finding.sample);
    row.key("log_types");
    append_json_list(out, log_types_of(kept));
    write_standing(row, out, place);
}

void FindingWriter::write_standing(JsonObject& row, std::string& out, uint32_t place) const {
    const console::Standing& standing = sight_.standing(place);
    row.text("status", console::status_name(standing.status));
    if (!standing.assignee.empty()) row.text("assignee", standing.assignee);
    if (standing.grown > 0) row.number("grown", standing.grown);
    if (standing.exception < 0) return;
    const auto& known =
        sight_.standings->exceptions->items[static_cast<size_t>(standing.exception)];
    row.key("suppressed");
    JsonObject why(out);
    if (may_see(known, scope_)) {
        why.text("exception_id", known.exception.id);
        write_text(why, out, "owner", known.exception.owner);
        write_text(why, out, "reason", known.exception.reason);
    } else {
        write_text(why, out, "reason", say(message::console_other_decision));
    }
    write_time(why, "until", known.exception.expires);
    why.close();
}

}  // namespace yagura::api
