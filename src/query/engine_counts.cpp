// Counting for screens: groups, what there is of each log type, and the time that events span.
#include <algorithm>

#include "base/language.h"
#include "base/messages/query.h"
#include "query/count_cache.h"
#include "query/counting.h"
#include "query/engine_impl.h"
#include "query/sql_text.h"

namespace yagura::query {
namespace {

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
        const std::string key = count_key(question, plan);
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
        auto counted = impl_->counted(question, moment, *plan, segments, CountCache::kMostKept);
        if (!counted) return cause_of(std::move(counted).error(), question.scope, moment, segments);
        const auto& counts = *counted;
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
