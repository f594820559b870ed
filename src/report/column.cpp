#include "report/column.h"

#include <fmt/format.h>

#include "finding/attack.h"
#include "finding/severity.h"
#include "report/numbers.h"

namespace yagura::report {
namespace {

using finding::HitView;
using finding::Part;

template <Part part>
std::string part_of(const HitView& hit) {
    return std::string(hit.text(part));
}

template <class Texts>
std::string joined(const Texts& texts) {
    std::string out;
    for (const auto& text : texts) {
        if (!out.empty()) out += " ¦ ";
        out += text;
    }
    return out;
}

std::string time_of(const HitView& hit) {
    return is_known_time(to_micros(hit.time())) ? format_iso8601(hit.time()) : "";
}
std::string level_of(const HitView& hit) {
    return std::string(finding::severity(hit.rule->level).name);
}
std::string title_of_rule(const HitView& hit) {
    return hit.rule->title;
}
std::string author_of(const HitView& hit) {
    return hit.rule->author;
}
std::string rule_id_of(const HitView& hit) {
    return hit.rule->id;
}
std::string tags_of(const HitView& hit) {
    return joined(hit.rule->tags);
}
std::string references_of(const HitView& hit) {
    return joined(hit.rule->references);
}
std::string status_of(const HitView& hit) {
    return hit.rule->status;
}
std::string description_of(const HitView& hit) {
    return hit.rule->description;
}
std::string rule_file_of(const HitView& hit) {
    return hit.rule->file;
}
std::string log_type_of(const HitView& hit) {
    return std::string(hit.log_type());
}
std::string object_of(const HitView& hit) {
    return std::string(hit.object());
}
std::string ordinal_of(const HitView& hit) {
    return std::to_string(hit.facts->ordinal);
}
std::string techniques_of_rule(const HitView& hit) {
    return joined(finding::techniques_of(hit.rule->tags));
}

std::string tactics_of_rule(const HitView& hit) {
    std::vector<std::string_view> names;
    for (const finding::Tactic tactic : finding::in_order(finding::tactics_of(hit.rule->tags))) {
        names.push_back(finding::tactic_row(tactic).title.english);
    }
    return joined(names);
}

// Suzaku shows the caller's own account; logs without one have the account of the log.
std::string user_account_of(const HitView& hit) {
    const std::string_view own = hit.text(Part::user_account);
    return std::string(own.empty() ? hit.text(Part::account) : own);
}

// clang-format off
constexpr Column kTimestamp   {"Timestamp",       time_of,                          {"when it happened, UTC", "発生日時（UTC）"}};
constexpr Column kLevel       {"Level",           level_of,                         {"severity of the rule", "ルールの重大度"}};
constexpr Column kRuleTitle   {"RuleTitle",       title_of_rule,                    {"what was found", "検知内容"}};
constexpr Column kRuleAuthor  {"RuleAuthor",      author_of,                        {"who wrote the rule", "ルールの作者"}};
constexpr Column kEventName   {"EventName",       part_of<Part::event_name>,        {"operation or kind of event", "操作またはイベントの種類"}};
constexpr Column kErrorCode   {"ErrorCode",       part_of<Part::error_code>,        {"error of a failed request", "失敗時のエラーコード"}};
constexpr Column kErrorMessage{"ErrorMessage",    part_of<Part::error_message>,     {"explanation of the error", "エラーの説明"}};
constexpr Column kEventSource {"EventSource",     part_of<Part::event_source>,      {"service that was called", "呼び出されたサービス"}};
constexpr Column kRegion      {"AWS-Region",      part_of<Part::region>,            {"Region", "リージョン"}};
constexpr Column kSrcIp       {"SrcIP",           part_of<Part::source_ip>,         {"source address", "送信元アドレス"}};
constexpr Column kUserAgent   {"UserAgent",       part_of<Part::user_agent>,        {"client, as it names itself", "クライアント（自己申告）"}};
constexpr Column kUserName    {"UserName",        part_of<Part::user_name>,         {"name of the IAM user", "IAM ユーザー名"}};
constexpr Column kUserType    {"UserType",        part_of<Part::user_type>,         {"kind of identity", "アイデンティティの種類"}};
constexpr Column kUserAccount {"UserAccountID",   user_account_of,                  {"account of the caller", "呼び出し元のアカウント"}};
constexpr Column kUserArn     {"UserARN",         part_of<Part::user_arn>,          {"ARN of the caller", "呼び出し元の ARN"}};
constexpr Column kPrincipalId {"UserPrincipalID", part_of<Part::user_principal_id>, {"unique id of the caller", "呼び出し元の一意な ID"}};
constexpr Column kAccessKey   {"UserAccessKeyID", part_of<Part::access_key>,        {"access key that was used", "使われたアクセスキー"}};
constexpr Column kEventId     {"EventID",         part_of<Part::event_id>,          {"unique id of the event", "イベントの一意な ID"}};
constexpr Column kTags        {"Tags",            tags_of,                          {"tags of the rule", "ルールのタグ"}};
constexpr Column kRuleId      {"RuleID",          rule_id_of,                       {"id of the rule", "ルールの ID"}};
constexpr Column kAccount     {"AccountID",       part_of<Part::account>,           {"account the log belongs to", "ログのアカウント"}};
constexpr Column kPrincipal   {"Principal",       part_of<Part::principal>,         {"who did it", "実行者"}};
constexpr Column kTarget      {"Target",          part_of<Part::target>,            {"what it was done to", "操作対象"}};
constexpr Column kTactics     {"Tactics",         tactics_of_rule,                  {"ATT&CK tactics", "ATT&CK の戦術"}};
constexpr Column kTechniques  {"Techniques",      techniques_of_rule,               {"ATT&CK techniques", "ATT&CK の技術"}};
constexpr Column kLogType     {"LogType",         log_type_of,                      {"log type", "ログ種別"}};
constexpr Column kObject      {"Object",          object_of,                        {"file or object it was read from", "読み取り元のファイルまたはオブジェクト"}};
constexpr Column kOrdinal     {"Ordinal",         ordinal_of,                       {"position in that object, from 0", "その中での位置（0 から）"}};
constexpr Column kRuleStatus  {"RuleStatus",      status_of,                        {"maturity of the rule", "ルールの成熟度"}};
constexpr Column kRuleText    {"RuleDescription", description_of,                   {"what the rule looks for", "ルールの説明"}};
constexpr Column kReferences  {"RuleReferences",  references_of,                    {"where to read more", "参考資料"}};
constexpr Column kRuleFile    {"RuleFile",        rule_file_of,                     {"file of the rule", "ルールのファイル"}};

constexpr const Column* kSuzaku[] = {
    &kTimestamp, &kRuleTitle, &kRuleAuthor, &kLevel, &kEventName, &kErrorCode, &kErrorMessage, &kEventSource, &kRegion,
    &kSrcIp, &kUserAgent, &kUserName, &kUserType, &kUserAccount, &kUserArn, &kPrincipalId, &kAccessKey, &kEventId,
    &kTags, &kRuleId,
};
constexpr const Column* kStandard[] = {
    &kTimestamp, &kLevel, &kRuleTitle, &kRuleAuthor, &kPrincipal, &kSrcIp, &kEventName, &kTarget, &kErrorCode, &kAccount,
    &kRegion, &kTactics, &kTechniques, &kAccessKey, &kUserAgent, &kLogType, &kEventId, &kRuleId,
};
constexpr const Column* kVerbose[] = {
    &kTimestamp, &kLevel, &kRuleTitle, &kRuleAuthor, &kPrincipal, &kSrcIp, &kEventName, &kTarget, &kErrorCode,
    &kErrorMessage, &kEventSource, &kAccount, &kRegion, &kTactics, &kTechniques, &kTags, &kUserType, &kUserName, &kUserAccount,
    &kUserArn, &kPrincipalId, &kAccessKey, &kUserAgent, &kLogType, &kEventId, &kObject, &kOrdinal, &kRuleId, &kRuleStatus,
    &kRuleText, &kReferences, &kRuleFile,
};

constexpr Profile kProfiles[] = {
    {"standard", {"what a responder reads first", "対応者が最初に読む項目"}, kStandard},
    {"suzaku",   {"the columns of Suzaku's default profile", "Suzaku の既定プロファイルと同じ項目"}, kSuzaku},
    {"verbose",  {"all columns", "すべての項目"}, kVerbose},
};
// clang-format on

}  // namespace

std::span<const Profile> profiles() {
    return kProfiles;
}

const Profile* find_profile(std::string_view name) {
    for (const Profile& profile : kProfiles) {
        if (profile.name == name) return &profile;
    }
    return nullptr;
}

}  // namespace yagura::report
