// POST /facets, POST /histogram: what Discover counts beside its rows.
#include "api/asking.h"
#include "base/messages/api.h"
#include "base/messages/query.h"
#include "base/text.h"
#include "query/histogram.h"

namespace yagura::api {
namespace {

constexpr size_t kMostFields = 64;
constexpr size_t kMostValues = 1000;
constexpr size_t kMostPatience = 20'000;  // milliseconds

// 400 unless there is nothing to say against the condition.
bool has_error(std::span<const Diagnostic> notes) {
    return std::any_of(notes.begin(), notes.end(), [](const Diagnostic& note) {
        return note.grade == Grade::error;
    });
}

Result<std::string> checked_field(std::string_view name) {
    std::string text = query::field_text(name);
    if (text.empty()) return fail(Code::invalid, say(message::query_bad_field, printable(name)));
    return text;
}

Result<size_t> count_of(const http::Json& body, std::string_view key, int64_t usual, size_t most) {
    const int64_t count = body.integer(key).value_or(usual);
    if (count < 1 || count > static_cast<int64_t>(most))
        return fail(Code::invalid, say(message::api_bad_number, key, 1, most));
    return static_cast<size_t>(count);
}

void append_facet(std::string& out, const query::Facet& facet, std::string_view name) {
    JsonObject one(out);
    put_text(one, out, "field", name);
    one.number("distinct", facet.distinct);
    one.number("missing", facet.missing);
    one.number("counted", facet.total);
    one.boolean("approximate", facet.is_partial);
    if (facet.is_partial && facet.share > 0) one.real("share", facet.share);
    one.key("values");
    JsonList values(out);
    for (const auto& value : facet.values) {
        JsonObject counted(values.next());
        put_text(counted, out, "value", cell_text(value.value));
        counted.number("count", value.count);
        counted.close();
    }
    values.close();
    one.close();
}

Result<http::Response> count_values(Call& call) {
    YAGURA_TRY(const auto body, call.body());
    YAGURA_TRY(auto question, question_of(call, body));
    const std::string_view condition = body.text("filter");
    std::vector<Diagnostic> notes;
    const std::string filter = query::filter_of(condition, notes);
    if (has_error(notes)) return mistake_response(notes, condition);
    const std::vector<std::string> names = body.texts("fields");
    if (names.empty() || names.size() > kMostFields)
        return fail(Code::invalid, say(message::api_no_fields, kMostFields));
    query::FacetWish wish;
    YAGURA_TRY(wish.size, count_of(body, "size", 5, kMostValues));
    if (body.find("within_ms")) {
        YAGURA_TRY(const size_t patience, count_of(body, "within_ms", 1, kMostPatience));
        wish.patience = std::chrono::milliseconds(patience);
    }
    std::vector<std::string> fields;
    for (const std::string& name : names) {
        YAGURA_TRY(auto field, checked_field(name));
        fields.push_back(std::move(field));
    }
    question.text = filter;
    question.timeout = kQuickTimeout;
    YAGURA_TRY(auto lease, quick_lease(call));
    std::vector<query::Facet> facets;
    YAGURA_TRY(auto answer, lease.facets(question, fields, wish, facets));
    query::place_in_condition(answer.notes);
    if (!answer.ran) return mistake_response(answer.notes, condition);
    std::string out = "{\"items\":";
    JsonList items(out);
    for (size_t i = 0; i < facets.size(); ++i) append_facet(items.next(), facets[i], names[i]);
    items.close();
    out += fmt::format(",\"total\":{}}}", facets.empty() ? 0 : facets[0].total);
    return http::Response::json(std::move(out));
}

std::string_view by_field(std::string_view by) {
    return by == "level" ? "detection_level" : by;
}

void append_histogram(std::string& out, const query::Histogram& counts) {
    JsonObject one(out);
    one.integer("bucket_seconds", counts.bucket.count());
    put_time(one, out, "from", *counts.range.from);
    put_time(one, out, "to", *counts.range.to);
    one.number("total", counts.total);
    one.key("series");
    JsonList series(out);
    for (const auto& line : counts.series) {
        JsonObject keyed(series.next());
        put_text(keyed, out, "key", line.key);
        keyed.key("counts");
        JsonList list(out);
        for (const uint64_t count : line.counts) list.next() += std::to_string(count);
        list.close();
        keyed.close();
    }
    series.close();
    one.key("starts");
    JsonList starts(out);
    for (const Timestamp start : counts.starts) append_json(starts.next(), format_iso8601(start));
    starts.close();
    one.close();
}

Result<http::Response> count_over_time(Call& call) {
    YAGURA_TRY(const auto body, call.body());
    YAGURA_TRY(auto question, question_of(call, body));
    query::HistogramRequest request;
    request.filter = body.text("filter");
    YAGURA_TRY(request.buckets, count_of(body, "buckets", 60, query::kMostBuckets));
    if (const std::string_view by = by_field(body.text("by")); !by.empty()) {
        YAGURA_TRY(request.by, checked_field(by));
    }
    question.timeout = kQuickTimeout;
    YAGURA_TRY(auto lease, quick_lease(call));
    const query::Questioner questioner{
        [&](const query::Question& asked, std::vector<query::Group>& groups) {
            return lease.count(asked, groups);
        },
        [&](const query::Question& asked) { return lease.span(asked); }};
    YAGURA_TRY(const auto counts, query::histogram(questioner, question, request));
    if (!counts.answer.ran) return mistake_response(counts.answer.notes, request.filter);
    std::string out;
    append_histogram(out, counts);
    return http::Response::json(std::move(out));
}

constexpr Route kRoutes[] = {
    {.method = Method::post,
     .path = "/facets",
     .summary =
         {"The commonest values of fields: exact counts, of all events or as far as there is "
          "time",
          "フィールドの上位の値（正確な件数。時間を限れば数え終えた分まで）"},
     .asks = "FacetRequest",
     .answer = "Facets",
     .handle = count_values},
    {.method = Method::post,
     .path = "/histogram",
     .summary = {"How many events when", "時間ごとのイベント数"},
     .asks = "HistogramRequest",
     .answer = "Histogram",
     .handle = count_over_time},
};

}  // namespace

extern const Resource counts;
const Resource counts{"counts", kRoutes};

}  // namespace yagura::api
