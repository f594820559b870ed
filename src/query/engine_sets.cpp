// Several counts of the same events in one read: what a screen about one thing is made of.
//
// Most of what a count costs is reading, so SQL's grouping sets count by each choice of keys while
// the events go by. Counts of whole segments are kept like those of one set, as long as there are
// not too many groups; then the largest groups are kept, for exactly the segments they came of.
#include <algorithm>

#include "query/counting.h"
#include "query/engine_impl.h"
#include "query/sql_text.h"

namespace yagura::query {
namespace {

// {0} is the counting statement with its columns {1}. If its groups are at most {2} all of them
// come back, else the {3} largest of each set. The last column is how many there are.
constexpr std::string_view kAround = R"sql(
WITH g AS MATERIALIZED ({0}), s AS MATERIALIZED (SELECT count(*) AS known FROM g)
SELECT {1}, c_set, (SELECT known FROM s) FROM g WHERE (SELECT known FROM s) <= {2}
UNION ALL
SELECT {1}, c_set, (SELECT known FROM s) FROM g WHERE (SELECT known FROM s) > {2}
    QUALIFY row_number() OVER (PARTITION BY c_set ORDER BY {4} DESC) <= {3})sql";

using Counted = CountCache::Counted;

class SetCount {
  public:
    SetCount(Engine::Impl& impl,
             const store::Snapshot& moment,
             const Question& question,
             const Plan& plan,
             const CountSets& wanted)
        : impl_(impl),
          moment_(moment),
          plan_(plan),
          wanted_(wanted),
          segments_(select_segments(moment, plan)),
          cache_(is_lasting(plan, question.text) ? impl.options.counts.get() : nullptr),
          key_(key_of(question)),
          most_(cache_ ? cache_->most_groups() : CountCache::kMostGroups) {}

    const Segments& segments() const { return segments_; }

    Result<std::shared_ptr<const Counted>> run() {
        const Parted parts = cache_ ? parted(segments_, plan_.range)
                                    : Parted{Segments(segments_.size()), segments_, {}};
        auto known = cache_ ? cache_->find(key_, parts.ids) : nullptr;
        const bool is_inside = is_nothing(parts.edges);
        if (known && known->is_whole) {
            if (is_inside && known->segments == parts.ids) return known;
            return read_all(parts, is_inside);
        }
        const Segments rest = known ? without(parts.inside, known->segments) : parts.inside;
        if (known && is_nothing(rest) && is_inside) return known;
        auto out = known ? std::make_shared<Counted>(*known) : std::make_shared<Counted>();
        if (!is_nothing(rest)) {
            YAGURA_TRY(const bool has_all, add(rest, *out));
            if (!has_all && (known || !is_inside)) return read_all(parts, is_inside);
            out->segments = parts.ids;
            out->is_whole = !has_all || out->groups.size() > most_;
            if (cache_) cache_->put(key_, std::make_shared<Counted>(*out));
        }
        if (!is_inside) {
            YAGURA_TRY(const bool has_all, add(parts.edges, *out));
            if (!has_all && !is_nothing(parts.inside)) return read_all(parts, is_inside);
        }
        return std::shared_ptr<const Counted>(std::move(out));
    }

    // The groups of each set, without the number of the set that stands before their keys.
    std::vector<std::vector<Group>> sorted_out(const Counted& counted) const {
        std::vector<std::vector<Group>> out(wanted_.sets.size());
        for (const auto& [place, group] : counted.groups) {
            Group one = group;
            const auto set = static_cast<size_t>(std::get<int64_t>(one.keys.front()));
            one.keys.erase(one.keys.begin());
            out[set].push_back(std::move(one));
        }
        return out;
    }

  private:
    std::string key_of(const Question& question) const {
        std::string key = count_key(question, plan_);
        for (const auto& set : wanted_.sets) key += fmt::format("\n{}", fmt::join(set, " "));
        return key + fmt::format("\n{}", wanted_.most);
    }

    // The largest groups of everything.
    Result<std::shared_ptr<const Counted>> read_all(const Parted& parts, bool is_inside) {
        auto out = std::make_shared<Counted>();
        out->segments = parts.ids;
        YAGURA_TRY(const bool has_all, add(segments_, *out));
        out->is_whole = !has_all;
        if (cache_ && is_inside) cache_->put(key_, out);
        return std::shared_ptr<const Counted>(std::move(out));
    }

    // Which set a row belongs to, by the bits of the keys it is not grouped by.
    size_t set_of(int64_t bits) const {
        for (size_t set = 0; set < wanted_.sets.size(); ++set) {
            int64_t mask = (int64_t{1} << wanted_.keys.size()) - 1;
            for (const size_t key : wanted_.sets[set])
                mask &= ~(int64_t{1} << (wanted_.keys.size() - 1 - key));
            if (mask == bits) return set;
        }
        return 0;
    }

    // True when all groups were added, not only the largest.
    Result<bool> add(const Segments& segments, Counted& counted) const {
        YAGURA_TRY(const SqlText inner,
                   write_sql(plan_,
                             {.tables = tables_of(moment_, plan_, segments),
                              .range = plan_.range,
                              .is_ordered = false,
                              .sets = wanted_.sets}));
        std::vector<std::string> columns;
        for (const Output& output : plan_.outputs)
            columns.push_back(fmt::format("c{}", output.column));
        const std::string& count = columns[wanted_.keys.size()];
        const std::string sql =
            fmt::format(kAround, inner.sql, fmt::join(columns, ", "), most_, wanted_.most, count);
        const Interruptible guard(impl_, *impl_.connection);
        YAGURA_TRY(auto rows, impl_.connection->query(sql, inner.values));
        bool has_all = true;
        for (;;) {
            YAGURA_TRY(const bool more, rows.next());
            if (!more) return has_all;
            for (size_t row = 0; row < rows.size(); ++row) {
                add_row(rows, row, counted);
                const auto known = rows.column(columns.size() + 1).integer(row);
                has_all = has_all && static_cast<uint64_t>(known) <= most_;
            }
        }
    }

    void add_row(const sql::Rows& rows, size_t row, Counted& counted) const {
        enum Behind : size_t { kCount, kFirst, kLast, kSet };  // the keys
        const size_t keys = wanted_.keys.size();
        const size_t set = set_of(rows.column(keys + kSet).integer(row));
        Group group;
        group.keys.emplace_back(static_cast<int64_t>(set));
        for (const size_t key : wanted_.sets[set])
            group.keys.push_back(rows.column(key).value(row));
        Group& known = counted.groups[CountCache::place_of(group.keys)];
        if (known.keys.empty()) known.keys = std::move(group.keys);
        known.count += static_cast<uint64_t>(rows.column(keys + kCount).integer(row));
        known.first = std::min(known.first, from_micros(rows.column(keys + kFirst).integer(row)));
        known.last = std::max(known.last, from_micros(rows.column(keys + kLast).integer(row)));
    }

    Engine::Impl& impl_;
    const store::Snapshot& moment_;
    const Plan& plan_;
    const CountSets& wanted_;
    const Segments segments_;
    CountCache* const cache_;  // null: nothing can be kept
    const std::string key_;
    const size_t most_;
};

}  // namespace

Result<Answer> Engine::count_sets(const Question& question,
                                  const CountSets& wanted,
                                  std::vector<std::vector<Group>>& out) {
    impl_->cancelled = false;
    const Asking asking(*impl_, question);
    const auto run = [&]() -> Result<Answer> {
        Answer answer;
        YAGURA_TRY(const auto moment, impl_->snapshot());
        std::string text = fmt::format(
            "{}{}stats count(*) as n, min(@timestamp) as first, "
            "max(@timestamp) as last by ",
            question.text,
            question.text.empty() ? "" : "\n| ");
        for (size_t i = 0; i < wanted.keys.size(); ++i)
            text += fmt::format("{}{} as k{}", i > 0 ? ", " : "", wanted.keys[i], i);
        Question counting = question;
        counting.text = text;
        YAGURA_TRY(const auto plan, impl_->plan_for(counting, moment, answer));
        if (!plan) return answer;
        SetCount count(*impl_, moment, counting, *plan, wanted);
        count_segments(moment, plan->types, answer);
        count_opened(count.segments(), answer);
        answer.ran = true;
        out.assign(wanted.sets.size(), {});
        if (is_nothing(count.segments())) return answer;
        YAGURA_CHECK(impl_->start(question.memory_limit_bytes));
        auto counted = count.run();
        if (!counted)
            return cause_of(std::move(counted).error(), question.scope, moment, count.segments());
        out = count.sorted_out(**counted);
        answer.rows = (*counted)->groups.size();
        return answer;
    };
    auto answer = run();
    if (!answer) return asking.told(std::move(answer).error());
    hide_figures(question, *answer);
    return answer;
}

}  // namespace yagura::query
