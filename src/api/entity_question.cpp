#include "api/entity_question.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "logtype/log_type.h"

namespace yagura::api {
namespace {

// clang-format off
constexpr EntityKind kKinds[] = {
    {"address", "source_ip destination_ip packet_source_ip packet_destination_ip", {"address", "アドレス"}},
    {"principal", "principal user_arn session_issuer_arn", {"principal", "プリンシパル"}},
    {"key", "access_key_id user_principal_id", {"access key or unique id", "アクセスキー・一意な ID"}},
    {"session", "user_arn user_principal_id principal", {"role session", "ロールセッション"}},
    {"role", "session_issuer_name target_role", {"IAM role", "IAM ロール"}},
    {"instance", "instance_id target", {"EC2 instance", "EC2 インスタンス"}},
    {"bucket", "s3_bucket target", {"S3 bucket", "S3 バケット"}},
    {"account", "cloud_account_id user_account_id", {"account", "アカウント"}},
    {"user_agent", "user_agent", {"user agent", "ユーザーエージェント"}},
};
// clang-format on

constexpr int64_t kMostBuckets = 200;

std::string text_of(const sql::Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return {};
}

// Columns of ARNs hold nothing else, and no other column of who did it holds one: fewer columns are
// read, and more segments left out.
bool may_hold(std::string_view column, std::string_view value) {
    const bool is_arn = value.starts_with("arn:");
    if (column.ends_with("_arn")) return is_arn;
    if (column == "principal" || column == "user_principal_id") return !is_arn;
    return true;
}

// Only logs of calls name what was called: actions of other logs are none.
bool is_of_calls(std::string_view log_type) {
    const logtype::LogType* type = logtype::find(log_type);
    return type && type->roles.event_source >= 0;
}

std::string_view type_in(std::string_view log) {
    const size_t colon = log.rfind(':');
    return log.substr(colon == std::string_view::npos ? 0 : colon + 1);
}

void add_log(EntityTotals& out, const std::string& log, uint64_t n) {
    const std::string_view type = type_in(log);
    if (!type.empty()) out.log_types[std::string(type)] += n;
    if (type.size() < log.size()) out.accounts[log.substr(0, log.size() - type.size() - 1)] += n;
}

// What a count by one key says.
Counts counts_of(const std::vector<query::Group>& groups) {
    Counts out;
    for (const query::Group& group : groups) {
        const std::string text = text_of(group.keys[0]);
        if (!text.empty()) out[text] += group.count;
    }
    return out;
}

bool is_true(const sql::Value& value) {
    const auto* truth = std::get_if<bool>(&value);
    return truth && *truth;
}

// Of all log types, so that every field has a meaning.
query::Question question_of(std::string_view text, const TimeRange& range, Timestamp now) {
    query::Question question;
    question.text = text;
    question.range = range;
    for (const logtype::LogType* type : logtype::all()) question.types.emplace_back(type->name);
    question.now = now;
    return question;
}

Result<std::vector<std::vector<query::Group>>> ask(query::EnginePool::Lease& lease,
                                                   const query::Question& question,
                                                   const query::CountSets& sets) {
    std::vector<std::vector<query::Group>> out;
    YAGURA_TRY(const query::Answer answer, lease.count_sets(question, sets, out));
    if (!answer.ran)
        return fail(Code::internal, answer.notes.empty() ? "" : answer.notes[0].message);
    return out;
}

std::string bin_of(std::chrono::seconds bucket) {
    const int64_t seconds = bucket.count();
    if (seconds % 86400 == 0) return fmt::format("{}d", seconds / 86400);
    if (seconds % 3600 == 0) return fmt::format("{}h", seconds / 3600);
    return fmt::format("{}m", seconds / 60);
}

}  // namespace

std::span<const EntityKind> entity_kinds() {
    return kKinds;
}

const EntityKind* find_entity_kind(std::string_view name) {
    for (const EntityKind& kind : kKinds)
        if (kind.name == name) return &kind;
    return nullptr;
}

std::string query_quote(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string entity_filter(const EntityKind& kind, const EntityNames& names) {
    std::string out = "filter ";
    const auto add = [&](std::string_view column, std::string_view value) {
        if (!out.ends_with("filter ")) out += " or ";
        out += fmt::format("{} = {}", column, query_quote(value));
    };
    for (const std::string_view column : split(kind.columns, ' '))
        if (may_hold(column, names.value)) add(column, names.value);
    for (const std::string& principal : names.principals) add("principal", principal);
    return out;
}

Result<EntityTotals> ask_entity_totals(query::EnginePool::Lease& lease,
                                       const EntityKind& kind,
                                       const EntityNames& names,
                                       const TimeRange& range,
                                       Timestamp now) {
    const std::string text = entity_filter(kind, names);
    const query::CountSets sets{{"@log", "principal"}, {{0}, {1}}};
    YAGURA_TRY(const auto groups, ask(lease, question_of(text, range, now), sets));
    EntityTotals out;
    for (const query::Group& log : groups[0]) {
        out.events += log.count;
        out.first = std::min(out.first.value_or(log.first), log.first);
        out.last = std::max(out.last.value_or(log.last), log.last);
        add_log(out, text_of(log.keys[0]), log.count);
    }
    out.principals = counts_of(groups[1]);
    return out;
}

EntityLine empty_line(Timestamp from, Timestamp to) {
    EntityLine out;
    for (const int64_t seconds : {60, 300, 900, 3600, 10800, 21600, 86400, 7 * 86400, 28 * 86400}) {
        out.bucket = std::chrono::seconds(seconds);
        if ((to - from) / out.bucket < kMostBuckets) break;
    }
    const auto since = std::chrono::floor<std::chrono::seconds>(from).time_since_epoch();
    out.from = Timestamp(since / out.bucket * out.bucket);
    const auto buckets = static_cast<size_t>(std::max<int64_t>(
        0, (to - out.from + out.bucket - std::chrono::microseconds(1)) / out.bucket));
    out.counts.resize(buckets);
    out.failed.resize(buckets);
    return out;
}

namespace {

// Keys of what it did and when, and by which of them is counted.
enum Key : size_t {
    kType,
    kAction,
    kFailed,
    kError,
    kRegion,
    kPrincipal,
    kAddress,
    kAccessKey,
    kAgent,
    kStart
};

// When, as far as the line reaches back. The text says whole days, so that it stays the same while
// new events come, and with it what is kept of its counts. Weeks begin on Mondays in the query
// language, so days are asked for and added up here.
std::string start_key(const EntityLine& line) {
    const auto asked = std::min<std::chrono::seconds>(line.bucket, std::chrono::hours(24));
    const auto day = std::chrono::floor<std::chrono::days>(line.from);
    return fmt::format("case(toMillis(@timestamp) >= {}, bin({}))",
                       to_micros(Timestamp(day)) / 1000,
                       bin_of(asked));
}

void add_to_line(EntityLine& line, const std::vector<query::Group>& groups) {
    for (const query::Group& group : groups) {
        const auto* start = std::get_if<Timestamp>(&group.keys[0]);
        if (!start || *start < line.from) continue;
        const auto place = static_cast<size_t>((*start - line.from) / line.bucket);
        if (place >= line.counts.size()) continue;
        line.counts[place] += group.count;
        if (is_true(group.keys[1])) line.failed[place] += group.count;
    }
}

}  // namespace

Result<EntityDeeds> ask_entity_deeds(query::EnginePool::Lease& lease,
                                     const EntityKind& kind,
                                     const EntityNames& names,
                                     const TimeRange& range,
                                     std::optional<EntityLine> line,
                                     Timestamp now) {
    const std::string text = entity_filter(kind, names);
    query::CountSets sets{{"log_type",
                           "event_action",
                           "ispresent(error_code)",
                           "error_code",
                           "cloud_region",
                           "principal",
                           "source_ip",
                           "access_key_id",
                           "user_agent"},
                          {{kType, kAction, kFailed},
                           {kError},
                           {kRegion},
                           {kPrincipal},
                           {kAddress},
                           {kAccessKey},
                           {kAgent}}};
    if (line) {
        sets.keys.push_back(start_key(*line));
        sets.sets.push_back({kStart, kFailed});
    }
    YAGURA_TRY(const auto groups, ask(lease, question_of(text, range, now), sets));
    EntityDeeds out;
    for (const query::Group& call : groups[0]) {
        const std::string name = text_of(call.keys[1]);
        if (name.empty() || !is_of_calls(text_of(call.keys[0]))) continue;
        ApiCount& api = out.apis[name];
        (is_true(call.keys[2]) ? api.failed : api.success) += call.count;
    }
    Counts* const counts[] = {
        &out.errors, &out.regions, &out.principals, &out.addresses, &out.keys, &out.user_agents};
    for (size_t i = 0; i < std::size(counts); ++i) *counts[i] = counts_of(groups[i + 1]);
    if (line) add_to_line(*line, groups.back());
    out.line = std::move(line);
    return out;
}

Result<EntityLine> ask_entity_line(query::EnginePool::Lease& lease,
                                   const EntityKind& kind,
                                   const EntityNames& names,
                                   const TimeRange& range,
                                   EntityLine line,
                                   Timestamp now) {
    const std::string text = entity_filter(kind, names);
    const query::CountSets sets{{start_key(line), "ispresent(error_code)"}, {{0, 1}}};
    YAGURA_TRY(const auto groups, ask(lease, question_of(text, range, now), sets));
    add_to_line(line, groups[0]);
    return line;
}

}  // namespace yagura::api
