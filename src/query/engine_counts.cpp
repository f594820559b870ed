// Counting for screens: the commonest values of fields, and the time that events span.
//
// A facet is `filter … | stats count(*) by FIELD` with one more statement around it, so that
// values, their number and the events without one come out of one read.
#include <algorithm>

#include "base/hash.h"
#include "base/language.h"
#include "base/messages/query.h"
#include "base/text.h"
#include "query/count_cache.h"
#include "query/engine_impl.h"
#include "query/sql_text.h"

namespace yagura::query {
namespace {

constexpr std::string_view kAround = R"sql(
WITH g AS MATERIALIZED ({}),
top AS (SELECT c{} AS v, c{} AS n FROM g WHERE v IS NOT NULL ORDER BY n DESC, v LIMIT {})
SELECT CAST(v AS VARCHAR), n, 0, 0 FROM top
UNION ALL
SELECT NULL, sum(c{}), count(c{}), sum(c{}) FILTER (c{} IS NULL) FROM g)sql";

int64_t number(const sql::ColumnView& column, size_t row) {
    return column.is_null(row) ? 0 : static_cast<int64_t>(column.real(row));
}

Result<Facet> read_facet(sql::Rows& rows) {
    Facet facet;
    for (;;) {
        YAGURA_TRY(const bool more, rows.next());
        if (!more) break;
        for (size_t row = 0; row < rows.size(); ++row) {
            const auto count = static_cast<uint64_t>(number(rows.column(1), row));
            if (rows.column(0).is_null(row)) {
                facet.total = count;
                facet.distinct = static_cast<uint64_t>(number(rows.column(2), row));
                facet.missing = static_cast<uint64_t>(number(rows.column(3), row));
            } else {
                facet.values.push_back({rows.column(0).value(row), count});
            }
        }
    }
    std::sort(facet.values.begin(), facet.values.end(), [](const auto& a, const auto& b) {
        return a.count != b.count ? a.count > b.count : a.value < b.value;
    });
    return facet;
}

// Reads and counts by the keys of a plan `… stats count(*) as n by KEY, …` into `counted`, which is
// marked when there are more groups than `most`.
Result<void> count_groups(Engine::Impl& impl,
                          const store::Snapshot& moment,
                          const Plan& plan,
                          const Segments& segments,
                          size_t most,
                          CountCache::Counted& counted) {
    YAGURA_TRY(const SqlText text,
               write_sql(plan,
                         {.tables = tables_of(moment, plan, segments),
                          .range = plan.range,
                          .is_ordered = false}));
    const Interruptible guard(impl, *impl.connection);
    YAGURA_TRY(auto rows, impl.connection->query(text.sql, text.values));
    const size_t width = text.positions.size();
    for (;;) {
        YAGURA_TRY(const bool more, rows.next());
        if (!more) return {};
        for (size_t row = 0; row < rows.size(); ++row) {
            Group group;
            for (size_t i = 0; i + 1 < width; ++i)
                group.keys.push_back(
                    rows.column(static_cast<size_t>(text.positions[i])).value(row));
            const auto& count = rows.column(static_cast<size_t>(text.positions[width - 1]));
            group.count = static_cast<uint64_t>(count.integer(row));
            std::string place = CountCache::place_of(group.keys);
            Group& known = counted.groups[std::move(place)];
            if (known.keys.empty()) known.keys = std::move(group.keys);
            known.count += group.count;
        }
        if (counted.groups.size() > most) {
            counted.is_too_large = true;
            return {};
        }
    }
}

// A count depends on nothing but the rows of its segments: not on the clock, nor on files outside.
bool is_lasting(const Plan& plan, std::string_view text) {
    const std::string lower = fold_case(text);
    if (lower.find("now") != std::string::npos || lower.find("query") != std::string::npos)
        return false;
    return std::all_of(plan.base.begin(), plan.base.end(), [](const BaseColumn& base) {
        return std::all_of(base.access.begin(), base.access.end(), [](const Access& access) {
            return access.kind != Access::Kind::message &&
                   access.kind != Access::Kind::log_stream &&
                   access.kind != Access::Kind::ingestion_time;
        });
    });
}

bool is_inside(const store::Segment& segment, const TimeRange& range) {
    return (!range.from || segment.min_time >= *range.from) &&
           (!range.to || segment.max_time < *range.to);
}

// Segments whose rows all lie in the range, and the others.
struct Parted {
    Segments inside, edges;
    std::vector<int64_t> ids;  // of inside, ascending
};
Parted parted(const Segments& segments, const TimeRange& range) {
    Parted out{Segments(segments.size()), Segments(segments.size()), {}};
    for (size_t type = 0; type < segments.size(); ++type) {
        for (const store::Segment* segment : segments[type]) {
            const bool inside = is_inside(*segment, range);
            (inside ? out.inside : out.edges)[type].push_back(segment);
            if (inside) out.ids.push_back(segment->id);
        }
    }
    std::sort(out.ids.begin(), out.ids.end());
    return out;
}

Segments without(Segments segments, const std::vector<int64_t>& ids) {
    for (auto& of_type : segments) {
        std::erase_if(of_type, [&](const store::Segment* segment) {
            return std::binary_search(ids.begin(), ids.end(), segment->id);
        });
    }
    return segments;
}

std::string key_of(const Question& question, const Plan& plan) {
    std::string key = std::string(question.text) + '\0';
    for (const logtype::LogType* type : plan.types) key += fmt::format("{} ", type->name);
    key += '\0';
    if (plan.scope.is_all()) return key + "all";
    return key + fmt::format("{}", fmt::join(plan.scope.accounts(), " "));
}

bool is_nothing(const Segments& segments) {
    return std::all_of(
        segments.begin(), segments.end(), [](const auto& of_type) { return of_type.empty(); });
}

}  // namespace

Result<std::shared_ptr<const CountCache::Counted>> Engine::Impl::counted(
    const Question& question,
    const store::Snapshot& moment,
    const Plan& plan,
    const Segments& segments,
    size_t most) {
    const bool lasting = options.counts && is_lasting(plan, question.text);
    auto parts =
        lasting ? parted(segments, plan.range) : Parted{Segments(segments.size()), segments, {}};
    auto out = std::make_shared<CountCache::Counted>();
    if (lasting && !parts.ids.empty()) {
        const std::string key = key_of(question, plan);
        const auto known = options.counts->find(key, parts.ids);
        const size_t most_kept = options.counts->most_groups();
        if (known && known->is_too_large && most <= most_kept)
            return std::shared_ptr<const CountCache::Counted>(known);
        const Segments rest = known ? without(parts.inside, known->segments) : parts.inside;
        if (known && is_nothing(rest) && is_nothing(parts.edges)) return known;
        if (known) *out = *known;
        if (!is_nothing(rest)) {
            out->is_too_large = false;
            YAGURA_CHECK(count_groups(*this, moment, plan, rest, most, *out));
            auto kept = std::make_shared<CountCache::Counted>();
            kept->is_too_large = out->is_too_large || out->groups.size() > most_kept;
            if (!kept->is_too_large) {
                kept->segments = parts.ids;
                kept->groups = out->groups;
            }
            options.counts->put(key, std::move(kept));
            if (out->is_too_large) return std::shared_ptr<const CountCache::Counted>(out);
        }
    }
    if (!is_nothing(parts.edges))
        YAGURA_CHECK(count_groups(*this, moment, plan, parts.edges, most, *out));
    return std::shared_ptr<const CountCache::Counted>(out);
}

namespace {

// Text of a cell as facets show it.
std::string shown(const sql::Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text ? *text : constant_text(value);
}

Facet facet_of(const CountCache::Counted& counted, size_t size) {
    Facet facet;
    std::vector<const Group*> groups;
    for (const auto& [place, group] : counted.groups) {
        facet.total += group.count;
        if (sql::is_null(group.keys[0])) {
            facet.missing += group.count;
        } else {
            groups.push_back(&group);
        }
    }
    facet.distinct = groups.size();
    const auto last = groups.begin() + static_cast<ptrdiff_t>(std::min(size, groups.size()));
    std::partial_sort(groups.begin(), last, groups.end(), [](const Group* a, const Group* b) {
        return a->count != b->count ? a->count > b->count : shown(a->keys[0]) < shown(b->keys[0]);
    });
    for (auto group = groups.begin(); group != last; ++group)
        facet.values.push_back({(*group)->keys[0], (*group)->count});
    return facet;
}

}  // namespace

// A facet is only kept when its values are of usual length.
bool is_small(const Facet& facet) {
    constexpr size_t kMostBytes = 64u << 10;
    size_t bytes = 0;
    for (const Facet::Value& value : facet.values) bytes += shown(value.value).size();
    return bytes <= kMostBytes;
}

// Everything an answer depends on: the question, and which segments; of those that reach beyond the
// range also how much of them. The segments stand there as a hash, as there may be thousands.
std::string facet_key(const Question& question,
                      const Plan& plan,
                      const Segments& segments,
                      size_t size) {
    std::string ids;
    bool is_cut = false;
    for (const auto& of_type : segments) {
        for (const store::Segment* segment : of_type) {
            ids += fmt::format("{} ", segment->id);
            is_cut = is_cut || !is_inside(*segment, plan.range);
        }
    }
    const auto edge = [&](const std::optional<Timestamp>& time) {
        return is_cut && time ? to_micros(*time) : int64_t{0};
    };
    return fmt::format("{}\n{} {} {} {}",
                       key_of(question, plan),
                       to_hex(sha256(ids)),
                       edge(plan.range.from),
                       edge(plan.range.to),
                       size);
}

// Fields with very many values, such as ids, are counted by the engine alone.
Result<Answer> Engine::Impl::facet(const Question& question,
                                   std::string_view field,
                                   size_t size,
                                   Facet& out) {
    Answer answer;
    YAGURA_TRY(const auto moment, snapshot());
    Question counting = question;
    const std::string text = fmt::format("{}{}stats count(*) as n by {} as v",
                                         question.text,
                                         question.text.empty() ? "" : "\n| ",
                                         field);
    counting.text = text;
    YAGURA_TRY(const auto plan, plan_for(counting, moment, answer));
    if (!plan) return answer;
    const Segments segments = select_segments(moment, *plan);
    count_segments(moment, plan->types, answer);
    count_opened(segments, answer);
    YAGURA_CHECK(start(question.memory_limit_bytes));
    const bool lasting = options.counts && is_lasting(*plan, counting.text);
    const size_t most = lasting ? options.counts->most_groups() : CountCache::kMostGroups;
    YAGURA_TRY(const auto counts, counted(counting, moment, *plan, segments, most));
    const std::string key =
        lasting && counts->is_too_large ? facet_key(counting, *plan, segments, size) : "";
    if (!counts->is_too_large) {
        out = facet_of(*counts, size);
    } else if (const auto known = lasting ? options.counts->find_facet(key) : nullptr) {
        out = *known;
    } else {
        YAGURA_TRY(const SqlText inner,
                   write_sql(*plan,
                             {.tables = tables_of(moment, *plan, segments),
                              .range = plan->range,
                              .is_ordered = false}));
        const ColumnId v = plan->outputs[0].column;
        const ColumnId n = plan->outputs[1].column;
        const Interruptible guard(*this, *connection);
        YAGURA_TRY(auto rows,
                   connection->query(fmt::format(kAround, inner.sql, v, n, size, n, v, n, v),
                                     inner.values));
        YAGURA_TRY(out, read_facet(rows));
        if (lasting && is_small(out)) options.counts->put_facet(key, std::make_shared<Facet>(out));
    }
    out.field = field;
    answer.ran = true;
    answer.rows = out.values.size();
    return answer;
}

Result<Answer> Engine::count(const Question& question, std::vector<Group>& out) {
    impl_->cancelled = false;
    const Asking asking(*impl_, question);
    const auto run = [&]() -> Result<Answer> {
        Answer answer;
        YAGURA_TRY(const auto moment, impl_->snapshot());
        YAGURA_TRY(const auto plan, impl_->plan_for(question, moment, answer));
        if (!plan) return answer;
        const Segments segments = select_segments(moment, *plan);
        count_segments(moment, plan->types, answer);
        count_opened(segments, answer);
        answer.ran = true;
        if (is_nothing(segments)) return answer;
        YAGURA_CHECK(impl_->start(question.memory_limit_bytes));
        YAGURA_TRY(const auto counts,
                   impl_->counted(question, moment, *plan, segments, CountCache::kMostKept));
        if (counts->is_too_large) return fail(Code::limit, say(message::query_too_many_groups));
        for (const auto& [place, group] : counts->groups) out.push_back(group);
        answer.rows = out.size();
        return answer;
    };
    auto answer = run();
    if (!answer) return asking.told(std::move(answer).error());
    hide_figures(question, *answer);
    return answer;
}

Result<Answer> Engine::facets(const Question& question,
                              std::span<const std::string> fields,
                              size_t size,
                              std::vector<Facet>& out) {
    impl_->cancelled = false;
    const Asking asking(*impl_, question);
    Answer all;
    all.ran = true;
    for (const std::string& field : fields) {
        Facet facet;
        auto answer = impl_->facet(question, field, size, facet);
        if (!answer) return asking.told(std::move(answer).error());
        const bool ran = answer->ran;
        std::move(answer->notes.begin(), answer->notes.end(), std::back_inserter(all.notes));
        all.segments_opened = std::max(all.segments_opened, answer->segments_opened);
        all.segments_total = std::max(all.segments_total, answer->segments_total);
        all.bytes_opened = std::max(all.bytes_opened, answer->bytes_opened);
        if (!ran) {
            all.ran = false;
            return all;
        }
        out.push_back(std::move(facet));
    }
    hide_figures(question, all);
    return all;
}

Result<std::vector<Engine::TypeTotals>> Engine::totals(const Question& question) {
    std::vector<TypeTotals> out;
    if (question.scope.is_all()) {
        YAGURA_TRY(const auto snapshot, impl_->snapshot());
        YAGURA_TRY(const auto types, impl_->wanted_types(question, snapshot));
        for (const logtype::LogType* type : types) {
            TypeTotals totals{type, 0, 0, Timestamp::max(), Timestamp::min()};
            for (const store::Segment* segment : snapshot.segments(type->name)) {
                totals.rows += segment->rows;
                totals.bytes += segment->bytes;
                totals.first = std::min(totals.first, segment->min_time);
                totals.last = std::max(totals.last, segment->max_time);
            }
            if (totals.rows > 0) out.push_back(totals);
        }
        return out;
    }
    Question asked = question;
    asked.text =
        "stats count(*) as n, min(@timestamp) as first, max(@timestamp) as last by log_type";
    RowSink sink;
    sink.columns = [](const auto&) {};
    sink.row = [&](std::span<const sql::Value> cells) {
        TypeTotals totals;
        if (const auto* name = std::get_if<std::string>(&cells[0]))
            totals.type = logtype::find(*name);
        if (const auto* rows = std::get_if<int64_t>(&cells[1]))
            totals.rows = static_cast<uint64_t>(*rows);
        if (const auto* first = std::get_if<Timestamp>(&cells[2])) totals.first = *first;
        if (const auto* last = std::get_if<Timestamp>(&cells[3])) totals.last = *last;
        if (totals.type != nullptr && totals.rows > 0) out.push_back(totals);
        return true;
    };
    YAGURA_TRY(const Answer answer, ask(asked, sink));
    static_cast<void>(answer);
    return out;
}

Result<TimeRange> Engine::span(const Question& question) {
    if (question.scope.is_all()) {
        YAGURA_TRY(const auto snapshot, impl_->snapshot());
        YAGURA_TRY(const auto types, impl_->wanted_types(question, snapshot));
        TimeRange span;
        for (const logtype::LogType* type : types) {
            for (const store::Segment* segment : snapshot.segments(type->name, question.range)) {
                const Timestamp end = segment->max_time + std::chrono::microseconds(1);
                span.from = std::min(span.from.value_or(segment->min_time), segment->min_time);
                span.to = std::max(span.to.value_or(end), end);
            }
        }
        return span;
    }
    Question asked = question;
    asked.text = "stats min(@timestamp) as first, max(@timestamp) as last";
    TimeRange span;
    RowSink sink;
    sink.columns = [](const auto&) {};
    sink.row = [&](std::span<const sql::Value> cells) {
        if (const auto* first = std::get_if<Timestamp>(&cells[0])) span.from = *first;
        if (const auto* last = std::get_if<Timestamp>(&cells[1]))
            span.to = *last + std::chrono::microseconds(1);
        return true;
    };
    YAGURA_TRY(const Answer answer, ask(asked, sink));
    static_cast<void>(answer);
    return span;
}

}  // namespace yagura::query
