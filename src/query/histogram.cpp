#include "query/histogram.h"

#include <algorithm>
#include <map>

#include "base/language.h"
#include "base/messages/query.h"
#include "query/commands.h"
#include "query/parser.h"

namespace yagura::query {
namespace {

using std::chrono::seconds;

struct Length {
    seconds length;
    std::string_view text;  // as bin() wants it
};
constexpr int64_t kMinute = 60, kHour = 3600, kDay = 86400;
constexpr Length kLengths[] = {{seconds(1), "1s"},
                               {seconds(2), "2s"},
                               {seconds(5), "5s"},
                               {seconds(10), "10s"},
                               {seconds(15), "15s"},
                               {seconds(30), "30s"},
                               {seconds(kMinute), "1m"},
                               {seconds(2 * kMinute), "2m"},
                               {seconds(5 * kMinute), "5m"},
                               {seconds(10 * kMinute), "10m"},
                               {seconds(15 * kMinute), "15m"},
                               {seconds(30 * kMinute), "30m"},
                               {seconds(kHour), "1h"},
                               {seconds(2 * kHour), "2h"},
                               {seconds(3 * kHour), "3h"},
                               {seconds(6 * kHour), "6h"},
                               {seconds(12 * kHour), "12h"},
                               {seconds(kDay), "1d"},
                               {seconds(2 * kDay), "2d"},
                               {seconds(7 * kDay), "7d"},
                               {seconds(14 * kDay), "14d"},
                               {seconds(30 * kDay), "30d"},
                               {seconds(90 * kDay), "90d"},
                               {seconds(365 * kDay), "365d"},
                               {seconds(3650 * kDay), "3650d"}};

Timestamp floor_to(Timestamp time, seconds length) {
    const int64_t micros = std::chrono::microseconds(length).count();
    return from_micros(to_micros(time) / micros * micros);
}

size_t bucket_count(const TimeRange& range, seconds length) {
    const Timestamp first = floor_to(*range.from, length);
    const Timestamp last = floor_to(*range.to - std::chrono::microseconds(1), length);
    return static_cast<size_t>((last - first) / length) + 1;
}

const Length& length_for(const TimeRange& range, size_t most) {
    for (const Length& length : kLengths) {
        if (bucket_count(range, length.length) <= most) return length;
    }
    return *std::prev(std::end(kLengths));
}

std::string key_text(const sql::Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return sql::is_null(value) ? "" : constant_text(value);
}

// Counts by key as rows bring them.
class Tally {
  public:
    Tally(Timestamp first, seconds length, size_t buckets)
        : first_(first), length_(length), buckets_(buckets) {}

    void add(const sql::Value& start, const sql::Value* key, uint64_t count) {
        const auto* time = std::get_if<Timestamp>(&start);
        if (time == nullptr || *time < first_) return;
        const auto bucket = static_cast<size_t>((*time - first_) / length_);
        if (bucket >= buckets_) return;
        auto& counts = by_key_[key ? key_text(*key) : ""];
        counts.resize(buckets_);
        counts[bucket] += count;
    }

    void write(Histogram& out, size_t most_series) {
        for (auto& [key, counts] : by_key_) {
            uint64_t total = 0;
            for (const uint64_t count : counts) total += count;
            out.total += total;
            out.series.push_back({key, std::move(counts), total});
        }
        std::stable_sort(out.series.begin(), out.series.end(), [](const auto& a, const auto& b) {
            return a.total > b.total;
        });
        if (out.series.size() <= most_series) return;
        Histogram::Series rest{std::string(kOther), std::vector<uint64_t>(buckets_), 0};
        for (size_t i = most_series - 1; i < out.series.size(); ++i) {
            rest.total += out.series[i].total;
            for (size_t at = 0; at < buckets_; ++at) rest.counts[at] += out.series[i].counts[at];
        }
        out.series.resize(most_series - 1);
        out.series.push_back(std::move(rest));
    }

  private:
    Timestamp first_;
    seconds length_;
    size_t buckets_;
    std::map<std::string, std::vector<uint64_t>> by_key_;
};

Result<TimeRange> bounded(const Questioner& questioner, const Question& question) {
    TimeRange range = question.range;
    if (range.from && range.to) return range;
    YAGURA_TRY(const TimeRange span, questioner.span(question));
    if (!range.from) range.from = span.from;
    if (!range.to) range.to = span.to;
    return range;
}

}  // namespace

Result<Histogram> histogram(const Questioner& questioner,
                            Question question,
                            const HistogramRequest& request) {
    Histogram out;
    const std::string filter = filter_of(request.filter, out.answer.notes);
    if (!out.answer.notes.empty()) return out;
    YAGURA_TRY(out.range, bounded(questioner, question));
    const bool is_empty = !out.range.from || !out.range.to || *out.range.from >= *out.range.to;
    if (is_empty) {
        // Nothing to count, but mistakes in the filter are still told.
        out.range = {question.now, question.now + seconds(1)};
        if (question.range.from) out.range.from = question.range.from;
        out.range.to = *out.range.from + seconds(1);
    }
    const size_t most = std::clamp<size_t>(request.buckets, 1, kMostBuckets);
    const Length& length = length_for(out.range, most);
    out.bucket = length.length;
    const size_t buckets = std::min(bucket_count(out.range, length.length), kMostBuckets);
    const Timestamp first = floor_to(*out.range.from, length.length);
    for (size_t i = 0; i < buckets; ++i)
        out.starts.push_back(first + length.length * static_cast<int64_t>(i));

    std::string text = filter;
    if (!text.empty()) text += "\n| ";
    text += fmt::format("stats count(*) as n by bin({}) as t", length.text);
    if (!request.by.empty()) text += ", " + request.by + " as k";
    question.text = text;
    std::vector<Group> groups;
    YAGURA_TRY(out.answer, questioner.count(question, groups));
    Tally tally(first, length.length, buckets);
    for (const Group& group : groups)
        tally.add(group.keys[0], group.keys.size() > 1 ? &group.keys[1] : nullptr, group.count);
    place_in_condition(out.answer.notes);
    tally.write(out, std::max<size_t>(request.most_series, 2));
    return out;
}

namespace {
constexpr std::string_view kFilter = "filter ";
}

std::string filter_of(std::string_view condition, std::vector<Diagnostic>& notes) {
    if (condition.find_first_not_of(" \t\r\n") == std::string_view::npos) return "";
    std::string text = std::string(kFilter) + std::string(condition);
    Parsed parsed = parse(text);
    if (!parsed.query) {
        notes = std::move(parsed.notes);
        place_in_condition(notes);
        return "";
    }
    if (parsed.query->commands.size() == 1) return text;
    Diagnostic note;
    note.line = 1;
    note.column = 1;
    note.message = say(message::query_only_condition);
    notes.push_back(std::move(note));
    return "";
}

void place_in_condition(std::vector<Diagnostic>& notes) {
    for (Diagnostic& note : notes) {
        note.file.clear();
        if (note.line == 1 && note.column > kFilter.size())
            note.column -= static_cast<uint32_t>(kFilter.size());
    }
}

std::string field_text(std::string_view name) {
    const auto is_field = [](const std::string& text) {
        const Parsed parsed = parse("fields " + text);
        return parsed.query && parsed.notes.empty() && parsed.query->commands.size() == 1 &&
               parsed.query->commands[0].items.size() == 1 &&
               parsed.query->commands[0].items[0].expr->kind == Expr::Kind::field &&
               !parsed.query->commands[0].items[0].has_alias;
    };
    std::string text(name);
    if (is_field(text)) return text;
    if (name.empty() || name.find('`') != std::string_view::npos) return "";
    text = "`" + text + "`";
    return is_field(text) ? text : "";
}

}  // namespace yagura::query
