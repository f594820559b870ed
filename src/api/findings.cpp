// /findings: what the rules found, what people decided about it.
#include <algorithm>
#include <chrono>

#include "api/audited.h"
#include "api/finding_evidence.h"
#include "api/finding_json.h"
#include "api/finding_request.h"
#include "api/people_json.h"
#include "api/resource_json.h"
#include "base/messages/console.h"
#include "base/text.h"
#include "console/console.h"
#include "console/finding_list.h"
#include "finding/severity.h"

namespace yagura::api {
namespace {

using http::Response;

constexpr size_t kMostRelated = 20;
constexpr std::chrono::hours kNear{24};

void write_facet_value(std::string& out,
                       std::string_view value,
                       std::string_view label,
                       uint64_t count) {
    JsonObject row(out);
    write_text(row, out, "value", value);
    if (!label.empty()) row.text("label", label);
    row.number("count", count);
    row.close();
}

// Texts with a label from `label_of`.
template <class LabelOf>
void write_facet(JsonObject& facets,
                 std::string& out,
                 std::string_view name,
                 const std::vector<console::FacetCount>& counts,
                 LabelOf&& label_of) {
    facets.key(name);
    JsonList list(out);
    for (const console::FacetCount& one : counts)
        write_facet_value(list.next(), one.value, label_of(one.value), one.count);
    list.close();
}

// Title of a rule as its findings have it.
std::string_view rule_title(const console::Sight& sight, std::string_view rule) {
    const auto number = sight.catalogue->rules.find(rule);
    if (!number) return {};
    for (const store::Placed& placed : sight.ranking->order) {
        const console::BoardFinding& finding = sight.finding(placed.place);
        if (finding.rule == *number) return title_of(finding.kept);
    }
    return {};
}

void write_few(JsonObject& facets, std::string& out, const console::FindingFacets& counts) {
    facets.key("status");
    JsonList statuses(out);
    for (size_t i = 0; i < console::kStatuses; ++i) {
        const auto status = static_cast<console::Status>(i);
        write_facet_value(statuses.next(), console::status_name(status), {}, counts.statuses[i]);
    }
    statuses.close();
    facets.key("level");
    JsonList levels(out);
    for (size_t i = counts.levels.size(); i-- > 0;) {
        const auto level = static_cast<match::Level>(i);
        if (level == match::Level::informational && counts.levels[i] == 0) continue;
        write_facet_value(levels.next(),
                          match::level_name(level),
                          finding::severity(level).title.in(language()),
                          counts.levels[i]);
    }
    levels.close();
    facets.key("tactic");
    JsonList tactics(out);
    for (size_t i = 0; i < finding::kTactics; ++i) {
        const auto& tactic = finding::tactic_row(static_cast<finding::Tactic>(i));
        if (counts.tactics[i] > 0)
            write_facet_value(
                tactics.next(), tactic.id, tactic.title.in(language()), counts.tactics[i]);
    }
    tactics.close();
}

void write_facets(std::string& out,
                  const console::FindingFacets& counts,
                  const FindingWriter& findings) {
    const auto none = [](std::string_view) { return std::string_view(); };
    JsonObject facets(out);
    write_few(facets, out, counts);
    write_facet(facets, out, "rule", counts.rules, [&](std::string_view rule) {
        return rule_title(findings.sight(), rule);
    });
    write_facet(facets, out, "account", counts.accounts, [&](std::string_view account) {
        return findings.alias(account);
    });
    write_facet(facets, out, "principal", counts.principals, none);
    write_facet(facets, out, "source_ip", counts.addresses, none);
    write_facet(facets, out, "resource", counts.resources, resource_label);
    facets.close();
}

Result<Response> list(Call& call) {
    YAGURA_TRY(const FindingWriter findings, FindingWriter::of(call));
    YAGURA_TRY(const console::FindingFilter filter, read_filter(call, findings.sight()));
    const console::FindingList found = console::list_findings(findings.sight(), filter);
    std::string out;
    JsonObject answer(out);
    answer.key("items");
    JsonList items(out);
    for (const uint32_t place : found.page) findings.write(items.next(), place);
    items.close();
    answer.number("total", found.total);
    answer.number("suppressed", found.suppressed);
    answer.key("facets");
    write_facets(out, found.facets, findings);
    answer.close();
    return private_json(std::move(out));
}

// Who, or what address, within a day of it.
std::vector<uint32_t> related_to(const console::Sight& sight, uint32_t place) {
    const console::BoardFinding& finding = sight.finding(place);
    std::vector<uint32_t> out;
    for (const store::Placed& placed : sight.ranking->order) {
        const console::BoardFinding& other = sight.finding(placed.place);
        const bool same_principal =
            !finding.kept.principal.empty() && other.principal == finding.principal;
        const bool same_address =
            !finding.kept.source_ip.empty() && other.address == finding.address;
        if (placed.place == place || (!same_principal && !same_address)) continue;
        if (other.kept.last + kNear < finding.kept.first ||
            finding.kept.last + kNear < other.kept.first)
            continue;
        out.push_back(placed.place);
        if (out.size() == kMostRelated) break;
    }
    return out;
}

Result<void> write_words(JsonObject& row, std::string& out, const Call& call, std::string_view id) {
    YAGURA_TRY(console::Console * console, console_of(call));
    YAGURA_TRY(const auto comments, console->triage.comments(id));
    row.key("comments");
    JsonList words(out);
    for (const console::Comment& comment : comments) {
        JsonObject one(words.next());
        write_time(one, "time", comment.time);
        write_text(one, out, "who", comment.who);
        write_text(one, out, "text", comment.text);
        one.close();
    }
    words.close();
    YAGURA_TRY(const auto history, console->triage.history(id));
    row.key("history");
    JsonList deeds(out);
    for (const console::Deed& deed : history) {
        JsonObject one(deeds.next());
        write_time(one, "time", deed.time);
        write_text(one, out, "who", deed.who);
        write_text(one, out, "action", deed.action);
        write_text(one, out, "detail", deed.detail);
        one.boolean("undone", deed.undone);
        one.close();
    }
    deeds.close();
    return {};
}

Error no_such_finding() {
    return {Code::not_found, say(message::console_no_finding)};
}

Result<Response> show(Call& call) {
    YAGURA_TRY(const FindingWriter findings, FindingWriter::of(call));
    const auto place = findings.sight().find(call.part("id"));
    if (!place) return no_such_finding();
    std::string out;
    JsonObject row(out);
    findings.write_facts(row, out, *place, FindingWriter::kAllResources);
    write_rule(row, out, call, findings.sight().finding(*place).kept);
    YAGURA_CHECK(write_evidence(row, out, call, findings.sight().finding(*place).kept));
    YAGURA_CHECK(write_words(row, out, call, call.part("id")));
    row.key("related");
    JsonList related(out);
    for (const uint32_t other : related_to(findings.sight(), *place))
        findings.write(related.next(), other);
    related.close();
    row.close();
    return private_json(std::move(out));
}

Result<Response> triage(Call& call) {
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(console::Console * console, console_of(call));
    YAGURA_TRY(const console::Sight sight,
               console->board.sight(call.who.accounts, call.services.now()));
    YAGURA_TRY(const auto places, read_findings(body, sight));
    YAGURA_TRY(const std::string name, need_text(body, "action"));
    const auto kind = console::action_from_name(name);
    if (!kind) return fail(Code::invalid, say(message::console_action, name));
    console::Action action;
    action.kind = *kind;
    action.who = call.who.name;
    action.time = call.services.now();
    YAGURA_TRY(auto assignee, read_text(body, "assignee"));
    YAGURA_TRY(auto comment, read_text(body, "comment"));
    action.assignee = assignee.value_or("");
    action.comment = comment.value_or("");
    std::vector<console::Subject> subjects;
    for (const uint32_t place : places) {
        const console::BoardFinding& finding = sight.finding(place);
        subjects.push_back({finding.id, console::key_of(finding.kept), finding.kept.count});
    }
    YAGURA_TRY(const console::Done done, console->triage.act(action, subjects));
    YAGURA_CHECK(audit(call,
                       fmt::format("finding.{}", name),
                       subjects.size() == 1 ? subjects[0].id : fmt::format("#{}", done.action),
                       fmt::format("{} {}", done.changed, action.assignee)));
    return private_json(
        fmt::format(R"({{"changed":{},"undo_id":"{}"}})", done.changed, done.action));
}

Result<Response> undo(Call& call) {
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(console::Console * console, console_of(call));
    YAGURA_TRY(const int64_t id, read_number_id(body, "undo_id"));
    YAGURA_TRY(const uint64_t changed, console->triage.undo(id, call.who.name, call.who.accounts));
    YAGURA_CHECK(audit(call, "finding.undo", fmt::format("#{}", id), std::to_string(changed)));
    return private_json(fmt::format(R"({{"changed":{}}})", changed));
}

// clang-format off
constexpr Parameter kListParameters[] = {
    {.name = "status", .title = {"new, acknowledged, suppressed, closed, or open: new, acknowledged and grown since closed", "new、acknowledged、suppressed、closed、または open（新規・確認済み・クローズ後に増加）"}},
    {.name = "level", .title = {"severities, separated by commas", "重大度（コンマ区切り）"}},
    {.name = "type", .title = {"log type", "ログの種類"}},
    {.name = "rule", .title = {"ids of rules", "ルールの ID"}},
    {.name = "account", .title = {"account ids", "アカウント ID"}},
    {.name = "principal", .title = {"principals", "プリンシパル"}},
    {.name = "source_ip", .title = {"source addresses", "送信元アドレス"}},
    {.name = "resource", .title = {"resources by key, name or ARN", "リソース（キー、名前または ARN）"}},
    {.name = "tactic", .title = {"ATT&CK tactics by id or name", "ATT&CK の戦術（ID または名前）"}},
    {.name = "assignee", .title = {"whose they are", "担当者"}},
    {.name = "text", .title = {"words in titles, entities, resources, tags", "タイトル・エンティティ・リソース・タグに含まれる語"}},
    {.name = "from", .title = {"active at or after this time", "この時刻以降に活動があったもの"}},
    {.name = "to", .title = {"active before this time", "この時刻より前に活動があったもの"}},
    {.name = "since", .title = {"instead of from: 24h", "from の代わり（24h など）"}},
    {.name = "new", .title = {"1: only those found since the last visit of who asks; rule, principal: only those of rules or principals that had no finding before", "1: 前回の訪問以降に見つかったもののみ。rule / principal: それまで検出結果のなかったルール / プリンシパルのもののみ"}},
    {.name = "sort", .title = {"score, last, first, count, rarest, level", "score、last、first、count、rarest、level"}},
    {.name = "order", .title = {"asc or desc; rarest comes with asc, all others with desc", "asc または desc（rarest の既定は asc、ほかは desc）"}},
    {.name = "limit", .type = "integer", .title = {"at most 1000", "最大 1000"}},
    {.name = "offset", .type = "integer", .title = {"how many to pass over", "読み飛ばす件数"}},
};
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/findings", .role = Role::viewer,
     .summary = {"What the rules found, ranked", "ルールの検出結果（優先順）"}, .parameters = kListParameters,
     .answer = "FindingList", .handle = list},
    {.method = Method::get, .path = "/findings/{id}", .role = Role::viewer,
     .summary = {"One finding with its evidence", "検出結果の詳細と証拠"}, .answer = "FindingDetail", .handle = show},
    {.method = Method::post, .path = "/findings/triage", .role = Role::analyst,
     .summary = {"Acknowledge, close, reopen, assign or comment", "確認、クローズ、再開、担当者の設定、コメント"},
     .asks = "TriageRequest", .answer = "TriageDone", .handle = triage},
    {.method = Method::post, .path = "/findings/undo", .role = Role::analyst,
     .summary = {"Take back what one did", "自分の操作を取り消す"}, .asks = "UndoRequest", .answer = "Changed", .handle = undo},
    {.method = Method::post, .path = "/findings/suppress", .role = Role::responder,
     .summary = {"Make an exception, or see what it would hide", "例外を作成する、または隠れる件数を確認する"},
     .asks = "SuppressRequest", .answer = "Suppressed", .handle = suppress_findings},
};
// clang-format on

}  // namespace

extern const Resource findings;
const Resource findings{"findings", kRoutes};

}  // namespace yagura::api
