// The commonest values of fields.
//
// A facet is `filter … | stats count(*) by FIELD`, counted segment by segment: what was counted of
// whole segments is kept, so that the next question goes on from there. Who does not want to wait
// gets what is counted by then, the newest days first.
//
// Fields such as ids have more values than can be kept. Of them the engine alone knows the counts,
// and it has to read everything again for each answer; the answers themselves are kept.
#include <algorithm>
#include <chrono>

#include "base/hash.h"
#include "query/counting.h"
#include "query/engine_impl.h"
#include "query/sql_text.h"

namespace yagura::query {
namespace {

using Clock = std::chrono::steady_clock;

// {0} is the counting statement, {1} its value, {2} its count. One row says how many values there
// are and of how many events. If the values are at most {3} all of them follow, else the {4}
// commonest.
constexpr std::string_view kAround = R"sql(
WITH g AS MATERIALIZED ({0}),
s AS MATERIALIZED (
    SELECT count({1}) AS known, CAST(coalesce(sum({2}), 0) AS BIGINT) AS total,
        CAST(coalesce(sum({2}) FILTER ({1} IS NULL), 0) AS BIGINT) AS missing FROM g)
SELECT TRUE, NULL, known, total, missing FROM s
UNION ALL
SELECT FALSE, {1}, {2}, 0, 0 FROM g WHERE {1} IS NOT NULL AND (SELECT known FROM s) <= {3}
UNION ALL
(SELECT FALSE, {1}, {2}, 0, 0 FROM g WHERE {1} IS NOT NULL AND (SELECT known FROM s) > {3}
    ORDER BY {2} DESC, {1} LIMIT {4}))sql";

// The commonest first, equal ones by value.
bool is_before(const Facet::Value& a, const Facet::Value& b) {
    return a.count != b.count ? a.count > b.count : a.value < b.value;
}

uint64_t count_at(const sql::Rows& rows, size_t column, size_t row) {
    return static_cast<uint64_t>(rows.column(column).integer(row));
}

Facet facet_of(const CountCache::Counted& counted, size_t size) {
    Facet facet;
    for (const auto& [place, group] : counted.groups) {
        facet.total += group.count;
        if (sql::is_null(group.keys[0])) {
            facet.missing += group.count;
        } else {
            facet.values.push_back({group.keys[0], group.count});
        }
    }
    facet.distinct = facet.values.size();
    const size_t shown = std::min(size, facet.values.size());
    const auto last = facet.values.begin() + static_cast<ptrdiff_t>(shown);
    std::partial_sort(facet.values.begin(), last, facet.values.end(), is_before);
    facet.values.erase(last, facet.values.end());
    return facet;
}

void add(CountCache::Counted& counted, sql::Value value, uint64_t count) {
    if (count == 0) return;
    std::vector<sql::Value> keys;
    keys.push_back(std::move(value));
    Group& group = counted.groups[CountCache::place_of(keys)];
    if (group.keys.empty()) group.keys = std::move(keys);
    group.count += count;
}

// A facet is only kept when its values are of usual length.
bool is_small(const Facet& facet) {
    constexpr size_t kMostBytes = 64u << 10;
    size_t bytes = 0;
    for (const Facet::Value& value : facet.values) {
        const auto* text = std::get_if<std::string>(&value.value);
        bytes += text ? text->size() : sizeof(sql::Value);
    }
    return bytes <= kMostBytes;
}

// Everything an answer depends on: the question, and which segments; of those that reach beyond the
// range also how much of them. The segments stand there as a hash, as there may be thousands.
std::string facet_key(std::string_view key,
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
                       key,
                       to_hex(sha256(ids)),
                       edge(plan.range.from),
                       edge(plan.range.to),
                       size);
}

// Counts the values of one field.
class FacetCount {
  public:
    FacetCount(Engine::Impl& impl,
               const store::Snapshot& moment,
               const Question& question,
               const Plan& plan,
               const FacetWish& wish,
               Clock::time_point until)
        : impl_(impl),
          moment_(moment),
          plan_(plan),
          wish_(wish),
          until_(until),
          segments_(select_segments(moment, plan)),
          cache_(is_lasting(plan, question.text) ? impl.options.counts.get() : nullptr),
          key_(count_key(question, plan)),
          most_(cache_ ? cache_->most_groups() : CountCache::kMostGroups) {}

    const Segments& segments() const { return segments_; }

    Result<Facet> run() {
        if (is_nothing(segments_)) return Facet();
        Parted parts = cache_ ? parted(segments_, plan_.range)
                              : Parted{Segments(segments_.size()), segments_, {}};
        const auto known = cache_ ? cache_->find(key_, parts.ids) : nullptr;
        if (known && known->is_too_large) return count_many();
        const Segments rest = known ? without(parts.inside, known->segments) : parts.inside;
        if (known && is_nothing(rest) && is_nothing(parts.edges))
            return facet_of(*known, wish_.size);
        if (known) counted_ = *known;
        looked_at_ = rows_of(parts.inside) - rows_of(rest);
        YAGURA_TRY(const Went inside, count(rest, true));
        if (inside == Went::too_many) return count_many();
        if (!is_nothing(rest)) keep();
        if (inside == Went::no_time) return partly(facet_of(counted_, wish_.size), looked_at_);
        YAGURA_TRY(const Went edges, count(parts.edges, false));
        if (edges == Went::too_many) return count_many();
        Facet facet = facet_of(counted_, wish_.size);
        return edges == Went::no_time ? partly(std::move(facet), looked_at_) : facet;
    }

  private:
    enum class Went : uint8_t { well, no_time, too_many };
    struct Read {
        Facet facet;  // with all values when they are at most as many as were wanted
        bool has_all = false;
    };

    bool waits() const { return wish_.patience.count() == 0; }

    std::vector<Segments> turns(const Segments& segments) const {
        if (is_nothing(segments)) return {};
        return waits() ? std::vector<Segments>{segments} : in_turns(segments, wish_.first_rows);
    }

    // All values of these segments, or the commonest when there are more than `most`.
    Result<Read> read(const Segments& segments, size_t most) const {
        YAGURA_TRY(const SqlText inner,
                   write_sql(plan_,
                             {.tables = tables_of(moment_, plan_, segments),
                              .range = plan_.range,
                              .is_ordered = false}));
        const std::string sql = fmt::format(kAround,
                                            inner.sql,
                                            fmt::format("c{}", plan_.outputs[0].column),
                                            fmt::format("c{}", plan_.outputs[1].column),
                                            most,
                                            wish_.size);
        const Interruptible guard(impl_, *impl_.connection);
        YAGURA_TRY(auto rows, impl_.connection->query(sql, inner.values));
        Read out;
        Facet& facet = out.facet;
        for (;;) {
            YAGURA_TRY(const bool more, rows.next());
            if (!more) break;
            for (size_t row = 0; row < rows.size(); ++row) {
                if (rows.column(0).boolean(row)) {
                    facet.distinct = count_at(rows, 2, row);
                    facet.total = count_at(rows, 3, row);
                    facet.missing = count_at(rows, 4, row);
                } else {
                    facet.values.push_back({rows.column(1).value(row), count_at(rows, 2, row)});
                }
            }
        }
        out.has_all = facet.distinct <= most;
        return out;
    }

    // Adds what these segments hold, as far as there is time: something is always counted, so that
    // who asks again and again gets everything in the end.
    Result<Went> count(const Segments& segments, bool are_inside) {
        for (const Segments& turn : turns(segments)) {
            if (!waits() && went_on_ && Clock::now() >= until_) return Went::no_time;
            went_on_ = true;
            YAGURA_TRY(Read part, read(turn, most_));
            if (!part.has_all) {
                if (!first_) first_.emplace(partly(std::move(part.facet), rows_of(turn)));
                return Went::too_many;
            }
            for (Facet::Value& value : part.facet.values)
                add(counted_, std::move(value.value), value.count);
            add(counted_, sql::Value(), part.facet.missing);
            looked_at_ += rows_of(turn);
            if (are_inside) note(turn);
            if (counted_.groups.size() > most_ && !waits()) {
                first_.emplace(partly(facet_of(counted_, wish_.size), looked_at_));
                return Went::too_many;
            }
        }
        return Went::well;
    }

    void note(const Segments& segments) {
        for (const auto& of_type : segments)
            for (const store::Segment* segment : of_type) counted_.segments.push_back(segment->id);
    }

    void keep() {
        if (!cache_) return;
        auto kept = std::make_shared<CountCache::Counted>();
        kept->is_too_large = counted_.groups.size() > most_;
        if (!kept->is_too_large) {
            std::sort(counted_.segments.begin(), counted_.segments.end());
            *kept = counted_;
        }
        cache_->put(key_, std::move(kept));
    }

    // Of fields with more values than are kept.
    Result<Facet> count_many() {
        const std::string key = cache_ ? facet_key(key_, plan_, segments_, wish_.size) : "";
        if (cache_) {
            if (const auto known = cache_->find_facet(key)) return *known;
            auto mark = std::make_shared<CountCache::Counted>();
            mark->is_too_large = true;
            cache_->put(key_, std::move(mark));
        }
        Facet facet;
        if (first_ && (!waits() || !first_->is_partial)) {
            facet = std::move(*first_);
        } else {
            const Segments part = turns(segments_).front();
            YAGURA_TRY(Read counted, read(part, 0));
            facet = partly(std::move(counted.facet), rows_of(part));
        }
        if (cache_ && !facet.is_partial && is_small(facet))
            cache_->put_facet(key, std::make_shared<Facet>(facet));
        return facet;
    }

    Facet partly(Facet facet, uint64_t rows) const {
        const uint64_t all = rows_of(segments_);
        facet.is_partial = rows < all;
        facet.share = all > 0 ? static_cast<double>(rows) / static_cast<double>(all) : 1;
        std::sort(facet.values.begin(), facet.values.end(), is_before);
        return facet;
    }

    Engine::Impl& impl_;
    const store::Snapshot& moment_;
    const Plan& plan_;
    const FacetWish& wish_;
    const Clock::time_point until_;
    const Segments segments_;
    CountCache* const cache_;  // null: nothing can be kept
    const std::string key_;
    const size_t most_;
    CountCache::Counted counted_;  // so far; its ids are those of segments inside the range
    uint64_t looked_at_ = 0;       // rows, known or counted now
    bool went_on_ = false;         // something was counted now, not only known
    std::optional<Facet> first_;   // of what was counted when the values became too many
};

}  // namespace

Result<Answer> Engine::Impl::facet(const Question& question,
                                   std::string_view field,
                                   const FacetWish& wish,
                                   std::chrono::steady_clock::time_point until,
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
    FacetCount count(*this, moment, counting, *plan, wish, until);
    count_segments(moment, plan->types, answer);
    count_opened(count.segments(), answer);
    YAGURA_CHECK(start(question.memory_limit_bytes));
    auto counted = count.run();
    if (!counted)
        return cause_of(std::move(counted).error(), question.scope, moment, count.segments());
    out = std::move(*counted);
    out.field = field;
    answer.ran = true;
    answer.rows = out.values.size();
    return answer;
}

Result<Answer> Engine::facets(const Question& question,
                              std::span<const std::string> fields,
                              const FacetWish& wish,
                              std::vector<Facet>& out) {
    impl_->cancelled = false;
    const Asking asking(*impl_, question);
    const auto until = Clock::now() + wish.patience;
    Answer all;
    all.ran = true;
    for (const std::string& field : fields) {
        Facet facet;
        auto answer = impl_->facet(question, field, wish, until, facet);
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
        // How much was looked at is a figure about the lake.
        if (facet.is_partial && !question.scope.is_all()) facet.share = 0;
        out.push_back(std::move(facet));
    }
    hide_figures(question, all);
    return all;
}

}  // namespace yagura::query
