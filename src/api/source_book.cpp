#include "api/source_book.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "store/catalog.h"

namespace yagura::api {
namespace {

using Key = std::tuple<std::string, std::string, std::string>;  // account, log type, Region
using std::chrono::hours;

constexpr hours kUsual{24 * 7};
constexpr hours kDay{24};
constexpr size_t kMostSources = 5'000;
constexpr size_t kMostRows = 200'000;  // of sources × objects with faults
constexpr size_t kMostObjects = 500;   // with faults, the latest

std::string text_of(const sql::Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text ? *text : std::string();
}
uint64_t count_of(const sql::Value& value) {
    const auto* count = std::get_if<int64_t>(&value);
    return count ? static_cast<uint64_t>(*count) : 0;
}

// "111122223333:cloudtrail", or "cloudtrail" of rows without an account.
Key key_of(const sql::Value& log, const sql::Value& region) {
    const std::string text = text_of(log);
    const size_t colon = text.rfind(':');
    if (colon == std::string::npos) return {"", text, text_of(region)};
    return {text.substr(0, colon), text.substr(colon + 1), text_of(region)};
}

Result<void> ran(const Result<query::Answer>& answer) {
    if (!answer) return answer.error();
    if (!answer->ran && !answer->notes.empty())
        return fail(Code::internal, answer->notes.front().message);
    return {};
}

class Reader {
  public:
    Reader(query::EnginePool::Lease& lease, const AccountScope& scope, Timestamp now)
        : lease_(lease), scope_(scope), now_(now) {}

    Result<void> read_totals();
    Result<void> read_hours(const TimeRange& range);
    Result<void> read_faults(const std::filesystem::path& lake);
    std::vector<SourceRow> judged();
    std::optional<Timestamp> newest() const { return newest_; }

  private:
    using Visit = std::function<void(std::span<const sql::Value>)>;
    Result<void> ask(const std::string& text,
                     const TimeRange& range,
                     size_t columns,
                     size_t most,
                     const Visit& visit);
    void judge(SourceRow& row, const std::map<Timestamp, uint64_t>& by_hour, Timestamp reference);

    query::EnginePool::Lease& lease_;
    AccountScope scope_;
    Timestamp now_;
    std::optional<Timestamp> newest_;
    std::map<Key, SourceRow> rows_;
    std::map<Key, std::map<Timestamp, uint64_t>> hours_;
};

Result<void> Reader::ask(const std::string& text,
                         const TimeRange& range,
                         size_t columns,
                         size_t most,
                         const Visit& visit) {
    query::Question question;
    question.text = text;
    question.range = range;
    question.now = now_;
    question.limit = most;
    query::RowSink sink;
    sink.columns = [](const auto&) {};
    sink.row = [&](std::span<const sql::Value> row) {
        if (row.size() == columns) visit(row);
        return true;
    };
    return ran(lease_.ask(question, sink));
}

// Both counts are kept by segment: the overview asks for them whenever it is opened.
Result<void> Reader::read_totals() {
    query::Question question;
    question.now = now_;
    const query::CountSets sets{{"@log", "cloud_region"}, {{0, 1}}, kMostSources};
    std::vector<std::vector<query::Group>> found;
    YAGURA_CHECK(ran(lease_.count_sets(question, sets, found)));
    std::vector<query::Group>& sources = found[0];
    std::sort(sources.begin(), sources.end(), [](const query::Group& x, const query::Group& y) {
        return x.count != y.count ? x.count > y.count : x.keys < y.keys;
    });
    if (sources.size() > kMostSources) sources.resize(kMostSources);
    for (const query::Group& group : sources) {
        const Key key = key_of(group.keys[0], group.keys[1]);
        SourceRow& source = rows_[key];
        std::tie(source.account, source.log_type, source.region) = key;
        source.first = group.first;
        source.last = group.last;
        newest_ = std::max(newest_.value_or(source.last), source.last);
    }
    return {};
}

Result<void> Reader::read_hours(const TimeRange& range) {
    const Timestamp from = *range.from, to = *range.to;
    const auto span = std::max<std::chrono::microseconds>(to - from, std::chrono::microseconds(1));
    query::Question question;
    question.text = "stats count(*) as n by @log as log, cloud_region as region, bin(1h) as hour";
    question.range = range;
    question.now = now_;
    std::vector<query::Group> groups;
    YAGURA_CHECK(ran(lease_.count(question, groups)));
    for (const query::Group& group : groups) {
        const auto* hour = std::get_if<Timestamp>(&group.keys[2]);
        const Key key = key_of(group.keys[0], group.keys[1]);
        const auto source = rows_.find(key);
        if (!hour || source == rows_.end()) continue;
        const uint64_t n = group.count;
        source->second.events += n;
        hours_[key][*hour] += n;
        if (*hour > *newest_ - kDay) source->second.events_24h += n;
        auto& line = source->second.line;
        line.resize(SourceRow::kBuckets);
        const auto place = std::max<int64_t>(0, (*hour - from).count()) *
                           static_cast<int64_t>(SourceRow::kBuckets) / span.count();
        line[std::min<size_t>(static_cast<size_t>(place), SourceRow::kBuckets - 1)] += n;
    }
    return {};
}

Result<void> Reader::read_faults(const std::filesystem::path& lake) {
    std::map<int64_t, uint64_t> faults;  // by object
    YAGURA_TRY(auto catalog, store::Catalog::open(lake, false));
    YAGURA_CHECK(catalog.for_each_quarantined(
        [&](const store::Quarantined& one) { ++faults[one.object_id]; }));
    while (faults.size() > kMostObjects) faults.erase(faults.begin());
    if (faults.empty()) return {};
    std::string list;
    for (const auto& [object, count] : faults)
        list += (list.empty() ? "" : ", ") + std::to_string(object);
    const std::string text = fmt::format(
        "filter object_id in [{}] | stats count(*) as n by @log as log, "
        "cloud_region as region, object_id as object | limit {}",
        list,
        kMostRows);
    return ask(text, {}, 4, kMostRows, [&](std::span<const sql::Value> row) {
        const auto source = rows_.find(key_of(row[0], row[1]));
        const auto object = faults.find(static_cast<int64_t>(count_of(row[2])));
        if (source != rows_.end() && object != faults.end())
            source->second.errors += object->second;
    });
}

void Reader::judge(SourceRow& row,
                   const std::map<Timestamp, uint64_t>& by_hour,
                   Timestamp reference) {
    row.lag_seconds = std::max(0.0, std::chrono::duration<double>(now_ - row.last).count());
    if (by_hour.empty()) return;
    row.expected_interval_seconds =
        3600.0 * static_cast<double>(by_hour.size()) / static_cast<double>(row.events);
    auto longest = std::chrono::duration_cast<std::chrono::microseconds>(hours(1)) / 2;
    for (auto at = by_hour.begin(); std::next(at) != by_hour.end(); ++at)
        longest = std::max(longest, std::next(at)->first - at->first);
    row.silent = by_hour.size() > 1 && reference - row.last > 2 * longest;
}

std::vector<SourceRow> Reader::judged() {
    std::vector<SourceRow> out;
    if (!newest_) return out;
    const Timestamp reference = now_ - *newest_ > kDay ? *newest_ : now_;
    for (auto& [key, row] : rows_) {
        row.line.resize(SourceRow::kBuckets);
        judge(row, hours_[key], reference);
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace

Result<std::vector<SourceRow>> read_sources(query::EnginePool::Lease& lease,
                                            const std::filesystem::path& lake,
                                            const AccountScope& scope,
                                            const TimeRange& range,
                                            Timestamp now) {
    Reader reader(lease, scope, now);
    YAGURA_CHECK(reader.read_totals());
    if (!reader.newest()) return std::vector<SourceRow>();
    TimeRange asked = range;
    if (!asked.to) asked.to = *reader.newest() + std::chrono::microseconds(1);
    if (!asked.from) asked.from = *asked.to - kUsual;
    YAGURA_CHECK(reader.read_hours(asked));
    if (scope.is_all()) YAGURA_CHECK(reader.read_faults(lake));
    return reader.judged();
}

}  // namespace yagura::api
