#include "query/hunt.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

#include <fmt/format.h>

#include "match/program.h"
#include "query/prefilter.h"
#include "query/row_event.h"
#include "query/selection.h"
#include "sql/database.h"
#include "store/account_filter.h"
#include "store/schema.h"

namespace yagura::query {
namespace {

using sql::ColumnView;

// The rules about one log type as a function of its columns. Called on the engine's threads.
class Question {
  public:
    Question(const logtype::LogType& type, const Hunt& request)
        : program_(type, request.rules),
          plan_(type.dictionary()),
          shape_(shape_for(type, request.rules)),
          interrupted_(request.interrupted),
          asked_(request.asked) {
        program_.want_fields(plan_);
        plan_.freeze();
    }

    const RowShape& shape() const { return shape_; }
    uint64_t unreadable() const { return unreadable_; }

    // The rules that hold, as their numbers parted by blanks; NULL when none does.
    sql::ScalarFunction function(std::string name) {
        sql::ScalarFunction function{std::move(name), shape_.types(), sql::Type::text, true, {}};
        function.call =
            [this](std::span<const ColumnView> columns, size_t rows, sql::FunctionOutput& out) {
                if (interrupted_ && interrupted_->load()) return out.fail("interrupted");
                Worker& worker = own_worker();
                worker.begin();
                for (size_t row = 0; row < rows; ++row) {
                    const Place place{columns[shape_.object_column()].integer(row),
                                      columns[shape_.ordinal_column()].integer(row)};
                    if (!worker.recall(place, row, out)) answer(worker, place, columns, row, out);
                }
                if (asked_) asked_->fetch_add(worker.fresh);
            };
        return function;
    }

  private:
    struct Place {
        int64_t object;
        int64_t ordinal;
        friend bool operator==(const Place&, const Place&) = default;
    };

    // Of one thread. The engine asks twice about a row that matches, to filter and to show, one
    // call after the other: the second finds the answers of the first.
    struct Worker {
        Worker(const Question& question)
            : events(question.shape_, question.plan_),
              evaluator(question.program_, question.plan_) {}

        void begin() {
            std::swap(last, current);
            current.clear();
            next = 0;
            fresh = 0;
        }
        bool recall(const Place& place, size_t row, sql::FunctionOutput& out) {
            for (; next < last.size(); ++next) {
                if (last[next].first != place) continue;
                out.set(row, std::string_view(last[next++].second));
                return true;
            }
            return false;
        }

        RowEvents events;
        match::Evaluator evaluator;
        std::vector<uint32_t> hits;
        std::vector<std::pair<Place, std::string>> last, current;
        size_t next = 0;
        uint64_t fresh = 0;
    };

    static RowShape shape_for(const logtype::LogType& type,
                              std::span<const match::Rule* const> rules) {
        std::vector<std::string> fields;
        bool whole_record = false;
        for (const match::Rule* rule : rules) {
            if (rule->source.covers(type.logsource)) collect_fields(*rule, fields, whole_record);
        }
        return RowShape(type, fields, whole_record);
    }

    Worker& own_worker() {
        const std::lock_guard lock(mutex_);
        std::unique_ptr<Worker>& worker = workers_[std::this_thread::get_id()];
        if (!worker) worker = std::make_unique<Worker>(*this);
        return *worker;
    }

    void answer(Worker& worker,
                const Place& place,
                std::span<const ColumnView> columns,
                size_t row,
                sql::FunctionOutput& out) {
        ++worker.fresh;
        event::Event* event = worker.events.read(columns, row);
        if (!event) ++unreadable_;
        worker.hits.clear();
        if (event) worker.evaluator.match(*event, worker.hits);
        if (worker.hits.empty()) return out.set_null(row);
        std::string text;
        for (const uint32_t hit : worker.hits) fmt::format_to(std::back_inserter(text), "{} ", hit);
        out.set(row, std::string_view(text));
        worker.current.emplace_back(place, std::move(text));
    }

    match::Program program_;
    event::FieldPlan plan_;
    RowShape shape_;
    const std::atomic<bool>* interrupted_;
    std::atomic<uint64_t>* asked_;
    std::mutex mutex_;
    std::unordered_map<std::thread::id, std::unique_ptr<Worker>> workers_;
    std::atomic<uint64_t> unreadable_{0};
};

std::vector<std::string> role_fields(const logtype::LogType& type) {
    const logtype::Roles& roles = type.roles;
    std::vector<std::string> names;
    for (const int slot : {roles.event_id,
                           roles.revision,
                           roles.event_name,
                           roles.event_source,
                           roles.account,
                           roles.region,
                           roles.principal,
                           roles.source_ip,
                           roles.access_key,
                           roles.user_agent,
                           roles.error_code,
                           roles.target}) {
        if (slot >= 0) names.emplace_back(type.fields[static_cast<size_t>(slot)].name);
    }
    return names;
}

void read_numbers(std::string_view text, std::vector<uint32_t>& numbers) {
    numbers.clear();
    for (size_t at = 0; at < text.size();) {
        uint32_t number = 0;
        const auto end = std::from_chars(text.data() + at, text.data() + text.size(), number).ptr;
        numbers.push_back(number);
        at = static_cast<size_t>(end - text.data()) + 1;
    }
}

bool may_hold(const store::Segment& segment, std::span<const int64_t> moments) {
    if (moments.empty()) return true;
    const auto first =
        std::lower_bound(moments.begin(), moments.end(), to_micros(segment.min_time));
    return first != moments.end() && *first <= to_micros(segment.max_time);
}

std::string moments_sql(std::span<const int64_t> moments) {
    std::string sql = " AND event_time IN (";
    for (const int64_t moment : moments)
        fmt::format_to(std::back_inserter(sql), "make_timestamp({}), ", moment);
    sql.resize(sql.size() - 2);
    // Bounds tell which parts of a file to read.
    return sql + fmt::format(") AND event_time BETWEEN make_timestamp({}) AND make_timestamp({})",
                             moments.front(),
                             moments.back());
}

// The answers for one log type, row by row.
class Answers {
  public:
    Answers(const logtype::LogType& type, const Hunt& request)
        : type_(type), question_(type, request), plan_(type.dictionary()) {
        std::vector<std::string> fields = role_fields(type);
        fields.insert(fields.end(), request.fields.begin(), request.fields.end());
        for (const std::string& field : request.fields) plan_.want(field);
        if (request.want_fields) request.want_fields(type, plan_);
        plan_.freeze();
        shape_ = std::make_unique<RowShape>(type, fields);
        events_ = std::make_unique<RowEvents>(*shape_, plan_);
    }

    Result<void> start(sql::Database& database,
                       const store::Snapshot& snapshot,
                       std::span<const store::Segment* const> segments,
                       const Hunt& request) {
        YAGURA_TRY(auto connection, database.connect());
        const std::string name = fmt::format("yagura_hunt_{}", type_.name);
        YAGURA_CHECK(connection.add_function(question_.function(name)));
        std::string call =
            fmt::format("{}({})", name, fmt::join(question_.shape().selected(), ", "));
        // Rows of others are not even asked, so that they are not counted either.
        const std::string own = store::account_filter(type_, request.scope);
        call = store::visible(call, own);
        std::string sql = fmt::format("SELECT {}, {} FROM {} AS t WHERE {} IS NOT NULL",
                                      call,
                                      fmt::join(shape_->selected(), ", "),
                                      snapshot.table_sql(store::schema_of(type_), segments),
                                      call);
        if (request.range.from)
            sql += fmt::format(" AND event_time >= make_timestamp({})",
                               to_micros(*request.range.from));
        if (request.range.to)
            sql +=
                fmt::format(" AND event_time < make_timestamp({})", to_micros(*request.range.to));
        if (!request.moments.empty()) sql += moments_sql(request.moments);
        if (request.use_prefilter) {
            const std::string condition = prefilter_sql(type_, request.rules);
            if (!condition.empty()) sql += " AND (" + condition + ")";
        }
        if (request.in_time_order) sql += " ORDER BY event_time, object_id, ordinal";
        connection_.emplace(std::move(connection));
        YAGURA_TRY(auto rows, connection_->query(sql));
        rows_.emplace(std::move(rows));
        return advance();
    }

    bool at_end() const { return !rows_; }
    event::Event& event() { return *event_; }

    std::tuple<Timestamp, int64_t, uint64_t> key() const {
        return {event_->time, events_->object(), event_->ordinal};
    }

    void visit(const HuntVisitor& visitor) const {
        visitor({hits_, type_, *event_, events_->object()});
    }

    Result<void> advance() {
        for (;;) {
            if (++row_ >= size_) {
                YAGURA_TRY(const bool more, rows_->next());
                if (!more) return rows_.reset(), Result<void>();
                size_ = rows_->size();
                row_ = 0;
                columns_.clear();
                for (size_t i = 0; i < shape_->selected().size(); ++i)
                    columns_.push_back(rows_->column(i + 1));
                if (size_ == 0) continue;
            }
            event_ = events_->read(columns_, row_);
            if (!event_) continue;
            read_numbers(rows_->column(0).text(row_), hits_);
            return {};
        }
    }

    uint64_t unreadable() const { return question_.unreadable(); }

  private:
    const logtype::LogType& type_;
    Question question_;
    event::FieldPlan plan_;
    std::unique_ptr<RowShape> shape_;
    std::unique_ptr<RowEvents> events_;
    std::optional<sql::Connection> connection_;
    std::optional<sql::Rows> rows_;
    std::vector<ColumnView> columns_;
    std::vector<uint32_t> hits_;
    event::Event* event_ = nullptr;
    size_t row_ = 0;
    size_t size_ = 0;
};

bool any_covers(std::span<const match::Rule* const> rules, const logtype::LogType& type) {
    for (const match::Rule* rule : rules) {
        if (rule->source.covers(type.logsource)) return true;
    }
    return false;
}

bool is_interrupted(const Hunt& request) {
    return request.interrupted && request.interrupted->load();
}

// What is looked at is added to `read`, as it may be damaged.
Result<HuntTotals> run(store::Lake& lake,
                       const store::Snapshot& snapshot,
                       const Hunt& request,
                       const HuntVisitor& visitor,
                       std::vector<const store::Segment*>& read) {
    HuntTotals totals;
    sql::Options options;
    options.threads = request.threads;
    options.memory_limit_bytes = request.memory_limit_bytes;
    options.temp_directory = request.temp_directory;
    // Functions of the database point into the answers, so they go last.
    std::vector<std::unique_ptr<Answers>> all;
    YAGURA_TRY(auto database, lake.engine(options));
    const auto pass = [&](Answers& answers) -> Result<void> {
        ++totals.matched;
        answers.visit(visitor);
        if (is_interrupted(request)) return fail(Code::cancelled, "interrupted");
        return answers.advance();
    };
    for (const std::string& name : snapshot.log_types()) {
        const logtype::LogType* type = logtype::find(name);
        if (!type || !any_covers(request.rules, *type)) continue;
        auto segments = snapshot.segments(name, request.range);
        std::erase_if(segments, [&](const store::Segment* segment) {
            return segment->id >= request.before_segment || segment->id < request.first_segment ||
                   (request.segments && !request.segments->contains(segment->id)) ||
                   (request.without_sample && segment->level == store::kSampleLevel) ||
                   !may_hold(*segment, request.moments);
        });
        if (segments.empty()) continue;
        read.insert(read.end(), segments.begin(), segments.end());
        for (const store::Segment* segment : segments) {
            if (!request.scope.is_all()) break;
            ++totals.segments;
            totals.rows += segment->rows;
            totals.bytes += segment->bytes;
        }
        all.push_back(std::make_unique<Answers>(*type, request));
        Answers& answers = *all.back();
        YAGURA_CHECK(answers.start(database, snapshot, segments, request));
        while (!request.in_time_order && !answers.at_end()) YAGURA_CHECK(pass(answers));
    }
    for (;;) {
        Answers* first = nullptr;
        for (const auto& answers : all) {
            if (!answers->at_end() && (!first || answers->key() < first->key()))
                first = answers.get();
        }
        if (!first) break;
        YAGURA_CHECK(pass(*first));
    }
    for (const auto& answers : all) totals.unreadable += answers->unreadable();
    return totals;
}

}  // namespace

Result<HuntTotals> hunt(store::Lake& lake, const Hunt& request, const HuntVisitor& visitor) {
    YAGURA_TRY(const auto current, lake.snapshot());
    const store::Snapshot& snapshot = request.snapshot ? *request.snapshot : current;
    std::vector<const store::Segment*> read;
    auto totals = run(lake, snapshot, request, visitor, read);
    // The engine tells of our own stop as of any other failure of a function.
    if (!totals && is_interrupted(request)) return fail(Code::cancelled, "interrupted");
    if (!totals) return cause_of(std::move(totals).error(), request.scope, snapshot, read);
    return totals;
}

}  // namespace yagura::query
