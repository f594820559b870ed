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

constexpr uint64_t kMostCombinations = 50'000;
constexpr int64_t kMostBuckets = 200;

std::string text_of(const sql::Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return {};
}

uint64_t count_of(const sql::Value& value) {
    if (const auto* count = std::get_if<int64_t>(&value)) return static_cast<uint64_t>(*count);
    if (const auto* real = std::get_if<double>(&value)) return static_cast<uint64_t>(*real);
    return 0;
}

void count(Counts& counts, const std::string& text, uint64_t n) {
    if (!text.empty()) counts[text] += n;
}

// What a row of the combinations holds: keys come first.
enum Column : size_t {
    kLog,
    kName,
    kError,
    kRegion,
    kPrincipal,
    kAddress,
    kKey,
    kAgent,
    kCount,
    kLast,
    kColumns
};
constexpr std::string_view kCombinations =
    " | stats count(*) as n, max(@timestamp) as last by @log as log, event_action as name, "
    "error_code as error, cloud_region as region, principal as who, source_ip as address, "
    "access_key_id as key, user_agent as agent | sort n desc";
constexpr std::string_view kTotals =
    " | stats count(*) as n, min(@timestamp) as first, max(@timestamp) as last by @log as log, "
    "principal as who";

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
    count(out.log_types, std::string(type), n);
    if (type.size() < log.size())
        count(out.accounts, log.substr(0, log.size() - type.size() - 1), n);
}

void widen(std::optional<Timestamp>& last, const sql::Value& value) {
    if (const auto* time = std::get_if<Timestamp>(&value))
        last = last ? std::max(*last, *time) : *time;
}

void add(EntityMix& out, std::span<const sql::Value> row) {
    const uint64_t n = count_of(row[kCount]);
    widen(out.last, row[kLast]);
    const std::string error = text_of(row[kError]);
    const std::string name = text_of(row[kName]);
    if (!name.empty() && is_of_calls(type_in(text_of(row[kLog])))) {
        ApiCount& api = out.apis[name];
        (error.empty() ? api.success : api.failed) += n;
    }
    count(out.errors, error, n);
    count(out.regions, text_of(row[kRegion]), n);
    count(out.principals, text_of(row[kPrincipal]), n);
    count(out.addresses, text_of(row[kAddress]), n);
    count(out.keys, text_of(row[kKey]), n);
    count(out.user_agents, text_of(row[kAgent]), n);
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

Result<void> ask(query::EnginePool::Lease& lease,
                 query::Question question,
                 size_t columns,
                 const std::function<void(std::span<const sql::Value>)>& visit) {
    query::RowSink sink;
    sink.columns = [](const auto&) {};
    sink.row = [&](std::span<const sql::Value> row) {
        if (row.size() == columns) visit(row);
        return true;
    };
    YAGURA_TRY(const query::Answer answer, lease.ask(std::move(question), sink));
    if (!answer.ran)
        return fail(Code::internal, answer.notes.empty() ? "" : answer.notes[0].message);
    return {};
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
    const std::string text = entity_filter(kind, names) + std::string(kTotals);
    enum Total : size_t { kOfLog, kWho, kEvents, kFrom, kTo, kWidth };
    EntityTotals out;
    YAGURA_CHECK(
        ask(lease, question_of(text, range, now), kWidth, [&](std::span<const sql::Value> row) {
            const uint64_t n = count_of(row[kEvents]);
            out.events += n;
            widen(out.last, row[kTo]);
            if (const auto* from = std::get_if<Timestamp>(&row[kFrom]))
                out.first = out.first ? std::min(*out.first, *from) : *from;
            add_log(out, text_of(row[kOfLog]), n);
            count(out.principals, text_of(row[kWho]), n);
        }));
    return out;
}

Result<EntityMix> ask_entity_mix(query::EnginePool::Lease& lease,
                                 const EntityKind& kind,
                                 const EntityNames& names,
                                 const TimeRange& range,
                                 Timestamp now) {
    const std::string text = entity_filter(kind, names) + std::string(kCombinations);
    query::Question question = question_of(text, range, now);
    question.limit = kMostCombinations;
    EntityMix out;
    uint64_t rows = 0;
    YAGURA_CHECK(ask(lease, question, kColumns, [&](std::span<const sql::Value> row) {
        add(out, row);
        ++rows;
    }));
    out.is_cut = rows >= kMostCombinations;
    return out;
}

Result<EntityLine> ask_entity_line(query::EnginePool::Lease& lease,
                                   const EntityKind& kind,
                                   const EntityNames& names,
                                   Timestamp from,
                                   Timestamp to,
                                   Timestamp now) {
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
    // Weeks begin on Mondays in the query language, so days are asked for and added up here.
    const auto asked = std::min<std::chrono::seconds>(out.bucket, std::chrono::hours(24));
    const std::string text =
        fmt::format("{} | stats count(*) as n by bin({}) as start, ispresent(error_code) as failed",
                    entity_filter(kind, names),
                    bin_of(asked));
    std::vector<query::Group> groups;
    YAGURA_TRY(const query::Answer answer,
               lease.count(question_of(text, {out.from, to}, now), groups));
    if (!answer.ran)
        return fail(Code::internal, answer.notes.empty() ? "" : answer.notes[0].message);
    for (const query::Group& group : groups) {
        if (group.keys.size() != 2) continue;
        const auto* start = std::get_if<Timestamp>(&group.keys[0]);
        if (!start || *start < out.from) continue;
        const auto place = static_cast<size_t>((*start - out.from) / out.bucket);
        if (place >= buckets) continue;
        out.counts[place] += group.count;
        const auto* is_failed = std::get_if<bool>(&group.keys[1]);
        if (is_failed && *is_failed) out.failed[place] += group.count;
    }
    return out;
}

}  // namespace yagura::api
