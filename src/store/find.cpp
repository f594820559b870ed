#include "store/find.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "store/account_filter.h"

namespace yagura::store {
namespace {

// Row groups and columns of one segment that must be read for one indicator.
struct Place {
    Timestamp from, to;  // inclusive
    std::vector<size_t> columns;
};

struct Hit {
    Timestamp time{};
    int64_t object_id = 0;
    int64_t ordinal = 0;
    const Segment* segment = nullptr;
    size_t indicator = 0;
    std::vector<size_t> columns;
};

bool is_newer(const Hit& a, const Hit& b) {
    return std::tie(a.time, a.object_id, a.ordinal) > std::tie(b.time, b.object_id, b.ordinal);
}

// Two cases of one letter; cheap enough to come before the full check.
bool may_contain(std::string_view text, std::string_view lower) {
    if (lower.empty() || text.size() < lower.size()) return false;
    for (size_t at = 0; at + lower.size() <= text.size(); ++at) {
        if (ascii_lower(text[at]) != lower[0]) continue;
        size_t same = 1;
        while (same < lower.size() && ascii_lower(text[at + same]) == lower[same]) ++same;
        if (same == lower.size()) return true;
    }
    return false;
}

class Search {
  public:
    Search(Lake& lake,
           Snapshot snapshot,
           std::span<const Indicator> indicators,
           const FindOptions& options)
        : lake_(lake), snapshot_(std::move(snapshot)), indicators_(indicators), options_(options) {}

    Result<Found> run();

  private:
    std::vector<Place> places(const Segment& segment,
                              const Schema& schema,
                              const Indicator& indicator) const;
    Result<void> read(const Segment& segment,
                      const Schema& schema,
                      size_t indicator,
                      const Place& place);
    Result<void> fetch(Found& found);
    Result<void> fetch_rows(const Segment& segment, std::span<const size_t> places, Found& found);
    Result<sql::Connection*> engine();
    void keep(Hit hit);

    Lake& lake_;
    Snapshot snapshot_;
    std::span<const Indicator> indicators_;
    const FindOptions& options_;
    std::optional<sql::Connection> engine_;
    std::vector<Hit> hits_;
    uint64_t total_ = 0;
};

// Starting the engine takes longer than a lookup that finds nothing, so it waits until it is
// needed.
Result<sql::Connection*> Search::engine() {
    if (!engine_) {
        YAGURA_TRY(auto database, lake_.engine({.threads = 1}));
        YAGURA_TRY(auto connection, database.connect());
        engine_.emplace(std::move(connection));
    }
    return &*engine_;
}

// A row group may end and the next begin within one second: as two places they would both show the
// rows of that second.
void join_touching(std::vector<Place>& places) {
    std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
        return a.from < b.from;
    });
    std::vector<Place> apart;
    for (Place& place : places) {
        if (apart.empty() || place.from > apart.back().to) {
            apart.push_back(std::move(place));
            continue;
        }
        Place& before = apart.back();
        before.to = std::max(before.to, place.to);
        std::vector<size_t> columns;
        std::set_union(before.columns.begin(),
                       before.columns.end(),
                       place.columns.begin(),
                       place.columns.end(),
                       std::back_inserter(columns));
        before.columns = std::move(columns);
    }
    places = std::move(apart);
}

std::vector<Place> Search::places(const Segment& segment,
                                  const Schema& schema,
                                  const Indicator& indicator) const {
    std::vector<size_t> all;
    for (size_t i = 0; i < schema.columns().size(); ++i) {
        if (is_indexed(schema.columns()[i])) all.push_back(i);
    }
    const auto index = snapshot_.index_of(segment);
    const auto& probes = indicator.probes();
    if (!index || probes.empty()) return {{segment.min_time, segment.max_time, all}};
    std::vector<Place> out;
    for (size_t group = 0; group < index->group_count(); ++group) {
        Place place{index->group(group).min_time, index->group(group).max_time, {}};
        if ((options_.range.from && place.to < *options_.range.from) ||
            (options_.range.to && place.from >= *options_.range.to)) {
            continue;
        }
        for (const size_t column : all) {
            const auto may_hold = [&](const std::string& token) {
                return index->may_hold(group, token, schema.columns()[column].name);
            };
            if (std::any_of(probes.begin(), probes.end(), [&](const Indicator::Probe& probe) {
                    return std::all_of(probe.begin(), probe.end(), may_hold);
                }))
                place.columns.push_back(column);
        }
        if (!place.columns.empty()) out.push_back(std::move(place));
    }
    join_touching(out);
    return out;
}

Result<void> Search::read(const Segment& segment,
                          const Schema& schema,
                          size_t indicator,
                          const Place& place) {
    YAGURA_TRY(sql::Connection* const connection, engine());
    std::string columns = "event_time, object_id, ordinal";
    for (const size_t column : place.columns)
        columns += ", " + sql::quote_name(schema.columns()[column].name);
    const std::vector<const Segment*> one{&segment};
    const std::string own = account_filter(schema.log_type(), options_.scope);
    YAGURA_TRY(auto rows,
               connection->query(fmt::format("SELECT {} FROM {} WHERE event_time BETWEEN ? AND ?{}",
                                             columns,
                                             snapshot_.table_sql(schema, one),
                                             own.empty() ? "" : " AND " + own),
                                 {sql::Value(place.from), sql::Value(place.to)}));
    const Indicator& wanted = indicators_[indicator];
    // A cheap look before the full check, where the indicator can only stand as it is written: an
    // IPv6 address has many spellings, and JSON may escape characters.
    const auto address = IpAddress::parse(wanted.text());
    const bool has_spellings = wanted.is_network() || (address && !address->is_v4);
    const bool may_be_escaped = wanted.may_be_escaped();
    std::string text;
    for (;;) {
        YAGURA_TRY(const bool more, rows.next());
        if (!more) return {};
        for (size_t row = 0; row < rows.size(); ++row) {
            const Timestamp time = from_micros(rows.column(0).integer(row));
            if (!options_.range.contains(time)) continue;
            Hit hit{time,
                    rows.column(1).integer(row),
                    rows.column(2).integer(row),
                    &segment,
                    indicator,
                    {}};
            for (size_t i = 0; i < place.columns.size(); ++i) {
                const sql::ColumnView& cell = rows.column(i + 3);
                if (cell.is_null(row)) continue;
                const ColumnSpec& spec = schema.columns()[place.columns[i]];
                text.clear();
                if (spec.storage == Storage::uuid) cell.append_text(text, row);
                const std::string_view value =
                    spec.storage == Storage::uuid ? std::string_view(text) : cell.text(row);
                const bool is_json = spec.type == event::Type::json;
                const bool as_written = !has_spellings && !(is_json && may_be_escaped);
                if (as_written && !may_contain(value, wanted.text())) continue;
                if (wanted.matches(value, is_json)) hit.columns.push_back(place.columns[i]);
            }
            if (!hit.columns.empty()) keep(std::move(hit));
        }
    }
}

void Search::keep(Hit hit) {
    ++total_;
    hits_.push_back(std::move(hit));
    if (hits_.size() < options_.limit * 2 + 1000) return;
    std::nth_element(hits_.begin(),
                     hits_.begin() + static_cast<ptrdiff_t>(options_.limit),
                     hits_.end(),
                     is_newer);
    hits_.resize(options_.limit);
}

Result<Found> Search::run() {
    Found found;
    for (const std::string& name : snapshot_.log_types()) {
        const logtype::LogType* type = logtype::find(name);
        if (!type) continue;
        const Schema& schema = schema_of(*type);
        for (const Segment* segment : snapshot_.segments(name, options_.range)) {
            found.segments += options_.scope.is_all();
            bool opened = false;
            for (size_t i = 0; i < indicators_.size(); ++i) {
                for (const Place& place : places(*segment, schema, indicators_[i])) {
                    opened = true;
                    if (auto done = read(*segment, schema, i, place); !done)
                        return snapshot_.cause_of(std::move(done).error(), {{segment}});
                }
            }
            found.segments_read += opened && options_.scope.is_all();
        }
    }
    found.total = total_;
    std::sort(hits_.begin(), hits_.end(), is_newer);
    if (hits_.size() > options_.limit) hits_.resize(options_.limit);
    YAGURA_CHECK(fetch(found));
    return found;
}

Result<void> Search::fetch(Found& found) {
    std::map<const Segment*, std::vector<size_t>> by_segment;
    for (const Hit& hit : hits_) {
        FoundRow& row = found.rows.emplace_back();
        row.time = hit.time;
        row.log_type = hit.segment->log_type;
        row.indicator = indicators_[hit.indicator].text();
        row.object_id = hit.object_id;
        row.ordinal = hit.ordinal;
        const Schema& schema = schema_of(*logtype::find(row.log_type));
        for (const size_t column : hit.columns)
            row.columns.push_back(schema.columns()[column].name);
        by_segment[hit.segment].push_back(found.rows.size() - 1);
    }
    constexpr size_t kAtOnce = 1000;
    for (const auto& [segment, places] : by_segment) {
        for (size_t at = 0; at < places.size(); at += kAtOnce) {
            const std::span<const size_t> some(places.data() + at,
                                               std::min(kAtOnce, places.size() - at));
            YAGURA_CHECK(fetch_rows(*segment, some, found));
        }
    }
    return {};
}

// Fills in the values of rows that lie in one segment.
Result<void> Search::fetch_rows(const Segment& segment,
                                std::span<const size_t> places,
                                Found& found) {
    YAGURA_TRY(sql::Connection* const connection, engine());
    const std::vector<const Segment*> one{&segment};
    const Schema& schema = schema_of(*logtype::find(segment.log_type));
    Timestamp from = found.rows[places[0]].time, to = from;
    std::string keys;
    for (const size_t place : places) {
        const FoundRow& row = found.rows[place];
        from = std::min(from, row.time);
        to = std::max(to, row.time);
        keys += fmt::format("{}({}, {})", keys.empty() ? "" : ", ", row.object_id, row.ordinal);
    }
    YAGURA_TRY(auto rows,
               connection->query(fmt::format("SELECT * FROM {} WHERE event_time BETWEEN ? AND ? "
                                             "AND (object_id, ordinal) IN ({})",
                                             snapshot_.table_sql(schema, one),
                                             keys),
                                 {sql::Value(from), sql::Value(to)}));
    YAGURA_TRY(const auto all, rows.all());
    std::map<std::pair<int64_t, int64_t>, const std::vector<sql::Value>*> values;
    for (const auto& row : all) {
        const auto* object = std::get_if<int64_t>(&row[schema.common().object_id]);
        const auto* ordinal = std::get_if<int64_t>(&row[schema.common().ordinal]);
        if (object && ordinal) values[{*object, *ordinal}] = &row;
    }
    for (const size_t place : places) {
        FoundRow& row = found.rows[place];
        const auto known = values.find({row.object_id, row.ordinal});
        if (known != values.end()) row.values = *known->second;
    }
    return {};
}

}  // namespace

Result<Found> find(Lake& lake, std::span<const Indicator> indicators, const FindOptions& options) {
    // A segment that compaction took away in between: look again at the lake as it is now.
    for (int attempt = 0;; ++attempt) {
        YAGURA_TRY(auto snapshot, lake.snapshot());
        auto found = Search(lake, snapshot, indicators, options).run();
        if (found || attempt > 0 || !snapshot.is_outdated()) return found;
    }
}

}  // namespace yagura::store
