// /rules: the rules in use, what they found, and whether anything is wrong with them.
#include "api/rules.h"

#include "api/notes.h"
#include "api/people_json.h"
#include "base/messages/desk.h"
#include "base/paths.h"
#include "rule/readable.h"

namespace yagura::api {

using desk::Entry;
using http::Response;

namespace {

std::string readable(const Entry& entry) {
    std::string out;
    for (const match::Rule* rule : entry.rule.rules) out += rule::readable(*rule);
    if (entry.rule.correlation) out += rule::readable(*entry.rule.correlation);
    if (entry.rule.first_seen) out += rule::readable(*entry.rule.first_seen);
    return out;
}

std::string_view in_language(const std::string& english, const std::string& japanese) {
    return language() == Language::japanese && !japanese.empty() ? japanese : english;
}

void write_detail(JsonObject& row, std::string& out, const Entry& entry) {
    const match::RuleInfo& info = entry.info();
    const auto& doubts = language() == Language::japanese && !info.false_positives_ja.empty()
                             ? info.false_positives_ja
                             : info.false_positives;
    write_text(row, out, "description", in_language(info.description, info.description_ja));
    row.key("references");
    append_json_list(out, info.references);
    row.key("false_positives");
    append_json_list(out, doubts);
    write_text(row, out, "condition", readable(entry));
    if (!info.output.empty()) write_text(row, out, "output", info.output);
}

}  // namespace

// --- what the handlers share ---

std::string_view title_of(const match::RuleInfo& info) {
    return in_language(info.title, info.title_ja);
}

std::string shown_file(const std::string& file, const std::string& desk_folder) {
    const std::string shipped = shipped_rules_dir().string();
    for (const std::string& folder : {desk_folder, shipped}) {
        if (!folder.empty() && file.starts_with(folder + "/"))
            return file.substr(folder.size() + 1);
    }
    return file;
}

Result<desk::RuleDesk*> desk_of(const Call& call) {
    if (call.services.rules) return call.services.rules;
    return fail(Code::unsupported, say(message::desk_none));
}

// --- the handlers ---

Result<Response> show_rule(Call& call) {
    YAGURA_TRY(const RuleRows rows, RuleRows::of(call));
    YAGURA_TRY(const desk::RuleDesk* const desk, desk_of(call));
    const std::string id(call.part("id"));
    const Entry* entry = rows.shelf().find(id);
    if (!entry) return fail(Code::not_found, say(message::desk_no_rule, id));
    YAGURA_TRY(const desk::Source source, desk->source(id));
    std::string out;
    JsonObject row(out);
    rows.write(row, out, *entry);
    write_detail(row, out, *entry);
    rows.write_line(row, out, *entry);
    write_text(row, out, "text", source.text);
    row.text("version", source.version);
    if (entry->original) {
        const auto original = desk->original(id);
        if (original) write_text(row, out, "original_text", original->text);
    }
    row.close();
    return Response::json(std::move(out)).with("etag", '"' + source.version + '"');
}

Result<Response> show_problems(Call& call) {
    YAGURA_TRY(const desk::RuleDesk* const desk, desk_of(call));
    std::string out;
    JsonObject answer(out);
    std::vector<Diagnostic> notes = desk->problems();
    for (Diagnostic& note : notes) note.file = shown_file(note.file, desk->folder().string());
    answer.key("notes");
    write_notes(out, notes, "", "\n");  // of no file that could be called so
    answer.close();
    return Response::json(std::move(out));
}

namespace {

// clang-format off
constexpr Parameter kListParameters[] = {
    {"text", "string", {"in title, description, id, author or tags", "タイトル・説明・ID・作成者・タグに含まれる文字列"}},
    {"level", "string", {"levels, parted by commas", "重大度（カンマ区切り）"}},
    {"status", "string", {"statuses, parted by commas", "ステータス（カンマ区切り）"}},
    {"kind", "string", {"single, correlation, first_seen, falco, filter", "種類: single, correlation, first_seen, falco, filter"}},
    {"source", "string", {"log sources, parted by commas", "ログソース（カンマ区切り）"}},
    {"log_type", "string", {"a log type the rule must be about", "対象のログ種別"}},
    {"enabled", "string", {"true or false", "true または false"}},
    {"custom", "string", {"true: written in the console", "true: コンソールで作成したもの"}},
    {"origin", "string", {"shipped, added, own", "shipped（同梱）, added（-r で追加）, own（コンソールで作成）"}},
    {"tuned", "string", {"true: with a level given in the console", "true: コンソールで重大度を変更したもの"}},
    {"state", "string", {"on, off, broken", "on, off, broken"}},
    {"blocks", "string", {"hide or only: rules that report nothing themselves but serve correlations", "hide または only: 相関ルールの部品（単独では検出結果を出さないルール）を除く、またはそれだけにする"}},
    {"hits", "string", {"24h, 7d, older, none", "24h, 7d, older, none"}},
    {"sort", "string", {"level, title, status, source, kind, hits_24h, hits_7d, hits_total, cost, author, origin, error, enabled", "並べ替え: level, title, status, source, kind, hits_24h, hits_7d, hits_total, cost, author, origin, error, enabled"}},
    {"order", "string", {"asc or desc", "asc または desc"}},
    {"limit", "integer", {"rules, at most 1000", "件数（最大 1000）"}},
    {"offset", "integer", {"rules to leave out", "読み飛ばす件数"}},
};
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/rules",
     .summary = {"The rules, their hits, and counts for filters", "ルールの一覧、一致数、絞り込みの件数"},
     .parameters = kListParameters, .answer = "RuleList", .handle = list_rules},
    {.method = Method::get, .path = "/rules/problems",
     .summary = {"What is wrong with rule files", "ルールファイルの問題"}, .answer = "RuleNotes", .handle = show_problems},
    {.method = Method::get, .path = "/rules/language",
     .summary = {"What a rule may say, for completion", "ルールに書けるもの（補完用）"}, .answer = "RuleLanguage", .handle = show_language},
    {.method = Method::post, .path = "/rules/lint", .role = Role::analyst,
     .summary = {"What is wrong in a text, as if it were saved", "保存する前の検査"}, .asks = "RuleText", .answer = "RuleNotes", .handle = lint_rule},
    {.method = Method::post, .path = "/rules/test", .role = Role::analyst,
     .summary = {"Try a rule on a pasted event, or on the lake", "貼り付けたイベントまたはレイクでルールを試す"},
     .asks = "RuleTest", .answer = "RuleTestResult", .handle = test_rule},
    {.method = Method::post, .path = "/rules/draft", .role = Role::analyst,
     .summary = {"A rule to begin with, from the fields of an event", "イベントのフィールドからルールの下書きを作る"},
     .asks = "RuleDraftRequest", .answer = "RuleDraft", .handle = draft_rule},
    {.method = Method::post, .path = "/rules", .role = Role::responder,
     .summary = {"Add a rule", "ルールを追加する"}, .asks = "RuleText", .answer = "Rule", .handle = add_rule},
    {.method = Method::get, .path = "/rules/{id}",
     .summary = {"A rule with its text", "ルールとその本文"}, .answer = "RuleDetail", .handle = show_rule},
    {.method = Method::put, .path = "/rules/{id}", .role = Role::responder,
     .summary = {"Save a rule; one that was shipped is replaced by it", "ルールを保存する（同梱ルールは置き換える）"},
     .asks = "RuleText", .answer = "Rule", .handle = save_rule},
    {.method = Method::del, .path = "/rules/{id}", .role = Role::responder,
     .summary = {"Take away what was written in the console; a replaced rule comes back", "コンソールで作成した内容を削除する（元のルールに戻る）"}, .handle = remove_rule},
    {.method = Method::post, .path = "/rules/{id}/restore", .role = Role::responder,
     .summary = {"Go back to an earlier version", "以前の版に戻す"}, .asks = "RuleVersionChoice", .answer = "Rule", .handle = restore_rule},
    {.method = Method::get, .path = "/rules/{id}/versions",
     .summary = {"What a rule's file said before", "ルールの以前の版"}, .answer = "RuleVersions", .handle = list_versions},
    {.method = Method::post, .path = "/rules/{id}/enable", .role = Role::responder,
     .summary = {"Switch a rule on", "ルールを有効にする"}, .answer = "Rule", .handle = enable_rule},
    {.method = Method::post, .path = "/rules/{id}/disable", .role = Role::responder,
     .summary = {"Switch a rule off", "ルールを無効にする"}, .asks = "RuleDisable", .answer = "Rule", .handle = disable_rule},
    {.method = Method::post, .path = "/rules/{id}/level", .role = Role::responder,
     .summary = {"Give a rule another level, or its own again", "ルールの重大度を変更する、または元に戻す"}, .asks = "RuleLevel", .answer = "Rule", .handle = tune_level},
};
// clang-format on

}  // namespace

extern const Resource rules;
const Resource rules{"rules", kRoutes};

}  // namespace yagura::api
