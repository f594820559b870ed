#include "query/engine.h"

#include <algorithm>
#include <mutex>
#include <numeric>

#include "base/language.h"
#include "base/messages/query.h"
#include "base/text.h"
#include "query/native.h"
#include "query/parser.h"
#include "query/planner.h"
#include "query/rebuild.h"
#include "query/records.h"
#include "query/selection.h"
#include "query/sql_text.h"
#include "store/lake.h"

namespace yagura::query {

struct Engine::Impl {
    Impl(store::Lake opened, const EngineOptions& wanted)
        : lake(std::move(opened)), options(wanted), objects(lake) {}

    store::Lake lake;
    EngineOptions options;
    Objects objects;
    std::optional<sql::Database> database;
    std::mutex mutex;  // of `connection` while it comes into being
    std::optional<sql::Connection> connection;
    Records records{objects};

    // Starting the engine takes longer than a question the side indexes answer alone, so it waits
    // until there are rows to read.
    Result<void> start();

    RecordSource record_source() {
        RecordSource source;
        source.message = [this](int64_t object, int64_t ordinal) {
            return records.read(object, ordinal);
        };
        source.object_name = [this](int64_t id) -> std::optional<std::string> {
            const auto object = objects.find(id);
            if (!object) return std::nullopt;
            return object->path;
        };
        source.object_time = [this](int64_t id) -> std::optional<Timestamp> {
            const auto object = objects.find(id);
            if (!object) return std::nullopt;
            return object->committed;
        };
        return source;
    }

    Result<std::vector<const logtype::LogType*>> wanted_types(const Question& question,
                                                              const store::Snapshot& snapshot);
    Result<std::optional<Plan>> plan_for(const Question& question,
                                         const store::Snapshot& snapshot,
                                         Answer& answer);
};

namespace {

// Hands the rows of one statement to the sink, a block at a time, messages filled in.
class Delivery {
  public:
    Delivery(Engine::Impl& impl,
             const store::Snapshot& snapshot,
             const Plan& plan,
             const RowSink& sink,
             Answer& answer)
        : impl_(impl), snapshot_(snapshot), plan_(plan), sink_(sink), answer_(answer) {}

    // False when the sink has had enough.
    Result<bool> run(const Segments& segments, uint64_t limit) {
        SqlOptions options;
        options.tables = tables_of(snapshot_, plan_, segments);
        options.range = plan_.range;
        options.limit = limit;
        YAGURA_TRY(const SqlText text, write_sql(plan_, options));
        YAGURA_TRY(auto rows, impl_.connection->query(text.sql, text.values));
        for (;;) {
            YAGURA_TRY(const bool more, rows.next());
            if (!more) return true;
            // A chunk is what the engine works with: about two thousand rows.
            YAGURA_TRY(const bool wanted, deliver(rows, text, segments));
            if (!wanted) return false;
        }
    }

  private:
    Result<bool> deliver(const sql::Rows& rows, const SqlText& text, const Segments& segments) {
        const size_t width = text.positions.size();
        std::vector<sql::Value> cells(rows.size() * width);
        for (size_t column = 0; column < width; ++column) {
            if (text.positions[column] < 0) continue;
            const auto& view = rows.column(static_cast<size_t>(text.positions[column]));
            for (size_t row = 0; row < rows.size(); ++row)
                cells[row * width + column] = view.value(row);
        }
        if (text.has_origin) YAGURA_CHECK(fill_messages(rows, text, segments, cells));
        for (size_t row = 0; row < rows.size(); ++row) {
            ++answer_.rows;
            if (!sink_.row({cells.data() + row * width, width})) return false;
        }
        return true;
    }

    Result<void> fill_messages(const sql::Rows& rows,
                               const SqlText& text,
                               const Segments& segments,
                               std::vector<sql::Value>& cells) {
        const size_t width = text.positions.size();
        const size_t last = rows.columns().size();
        std::vector<Origin> origins(rows.size());
        for (size_t row = 0; row < rows.size(); ++row) {
            origins[row] = {rows.column(last - 2).integer(row), rows.column(last - 1).integer(row)};
        }
        // Object by object, so that each is inflated once.
        std::vector<size_t> order(rows.size());
        std::iota(order.begin(), order.end(), size_t{0});
        std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
            return origins[a] < origins[b];
        });
        std::vector<Origin> gone;
        std::vector<std::string> messages(rows.size());
        for (const size_t row : order) {
            if (auto message = impl_.records.read(origins[row].object, origins[row].ordinal)) {
                messages[row] = std::move(*message);
            } else {
                gone.push_back(origins[row]);
            }
        }
        if (!gone.empty()) {
            answer_.rebuilt += gone.size();
            YAGURA_TRY(auto rebuilt,
                       rebuild_records(*impl_.database, snapshot_, plan_.types, segments, gone));
            for (size_t row = 0; row < rows.size(); ++row) {
                if (const auto found = rebuilt.find(origins[row]);
                    messages[row].empty() && found != rebuilt.end())
                    messages[row] = found->second;
            }
        }
        for (size_t row = 0; row < rows.size(); ++row) {
            for (size_t column = 0; column < width; ++column) {
                if (text.positions[column] < 0) cells[row * width + column] = messages[row];
            }
        }
        return {};
    }

    Engine::Impl& impl_;
    const store::Snapshot& snapshot_;
    const Plan& plan_;
    const RowSink& sink_;
    Answer& answer_;
};

std::vector<ResultColumn> columns_of(const Plan& plan) {
    std::vector<ResultColumn> columns;
    for (const Output& output : plan.outputs)
        columns.push_back({output.name, plan.columns[output.column].type});
    return columns;
}

void count_segments(const store::Snapshot& snapshot, const Plan& plan, Answer& answer) {
    for (const logtype::LogType* type : plan.types)
        answer.segments_total += snapshot.segments(type->name).size();
}

void count_opened(const Segments& segments, Answer& answer) {
    for (const auto& of_type : segments) {
        for (const store::Segment* segment : of_type) {
            ++answer.segments_opened;
            answer.bytes_opened += segment->bytes;
        }
    }
}

// The limit the text itself sets behind everything else, if any.
bool limits_itself(const Plan& plan) {
    return std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
        return step.kind == Step::Kind::limit;
    });
}

}  // namespace

namespace {

// The engine turns PRAGMAs into SELECTs and opens files of some statements while it prepares them,
// so the first word is looked at before it sees the text. What it then takes for a SELECT still has
// to be one.
bool may_be_select(std::string_view sql) {
    for (;;) {
        sql.remove_prefix(std::min(sql.find_first_not_of(" \t\r\n("), sql.size()));
        size_t end = std::string_view::npos;
        if (sql.starts_with("--")) {
            end = sql.find('\n');
        } else if (sql.starts_with("/*")) {
            end = sql.find("*/");
        } else {
            break;
        }
        if (end == std::string_view::npos) return false;
        sql.remove_prefix(end + 1 + (sql.starts_with("/*") ? 1 : 0));
    }
    size_t end = 0;
    while (end < sql.size() && ascii_lower(sql[end]) >= 'a' && ascii_lower(sql[end]) <= 'z') ++end;
    for (const std::string_view word : {"select", "with", "from", "values"}) {
        if (equals_ignore_case(sql.substr(0, end), word)) return true;
    }
    return false;
}

}  // namespace

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::open(const std::filesystem::path& folder,
                                             const EngineOptions& options) {
    YAGURA_TRY(auto lake, store::Lake::open(folder));
    return std::unique_ptr<Engine>(new Engine(std::make_unique<Impl>(std::move(lake), options)));
}

Result<void> Engine::Impl::start() {
    if (connection) return {};
    sql::Options engine_options;
    engine_options.threads = options.threads;
    engine_options.memory_limit_bytes = options.memory_limit_bytes;
    engine_options.temp_directory = options.temp_directory;
    YAGURA_TRY(auto opened, lake.engine(engine_options));
    database.emplace(std::move(opened));
    YAGURA_TRY(auto connected, database->connect());
    YAGURA_CHECK(add_functions(connected, record_source()));
    const std::lock_guard lock(mutex);
    connection.emplace(std::move(connected));
    return {};
}

Result<std::vector<const logtype::LogType*>> Engine::Impl::wanted_types(
    const Question& question, const store::Snapshot& snapshot) {
    std::vector<const logtype::LogType*> types;
    for (const std::string& name : question.types) {
        const logtype::LogType* type = logtype::find(name);
        if (type == nullptr) {
            std::vector<std::string_view> names;
            for (const logtype::LogType* known : logtype::all()) names.push_back(known->name);
            std::string sentence = say(message::query_unknown_type, printable(name));
            if (const std::string hint = suggest(name, names); !hint.empty())
                sentence += " (" + hint + ")";
            return fail(Code::invalid, sentence);
        }
        types.push_back(type);
    }
    if (!types.empty()) return types;
    for (const std::string& name : snapshot.log_types()) {
        if (const logtype::LogType* type = logtype::find(name)) types.push_back(type);
    }
    if (types.empty()) types.assign(logtype::all().begin(), logtype::all().end());
    return types;
}

Result<std::optional<Plan>> Engine::Impl::plan_for(const Question& question,
                                                   const store::Snapshot& snapshot,
                                                   Answer& answer) {
    Parsed parsed = parse(question.text);
    answer.notes = std::move(parsed.notes);
    if (!parsed.query) return std::optional<Plan>();
    YAGURA_TRY(auto types, wanted_types(question, snapshot));
    Planned planned = plan(*parsed.query, {std::move(types), {question.now, question.range}});
    std::move(planned.notes.begin(), planned.notes.end(), std::back_inserter(answer.notes));
    return std::move(planned.plan);
}

Result<Answer> Engine::ask(const Question& question, const RowSink& sink) {
    Answer answer;
    YAGURA_TRY(const auto snapshot, impl_->lake.snapshot());
    YAGURA_TRY(const auto plan, impl_->plan_for(question, snapshot, answer));
    if (!plan) return answer;
    count_segments(snapshot, *plan, answer);
    sink.columns(columns_of(*plan));
    Delivery delivery(*impl_, snapshot, *plan, sink, answer);

    const Segments segments = select_segments(snapshot, *plan);
    const uint64_t limit = limits_itself(*plan) ? UINT32_MAX : kDefaultLimit;
    const Walk walk = walk_of(*plan, limit);
    const bool nothing = std::all_of(
        segments.begin(), segments.end(), [](const auto& of_type) { return of_type.empty(); });
    if (nothing && !plan->is_aggregated) {
        answer.ran = true;
        return answer;
    }
    YAGURA_CHECK(impl_->start());
    const auto parts =
        walk.possible ? pieces(segments, walk.newest_first) : std::vector<Segments>{segments};
    for (const Segments& part : parts.empty() ? std::vector<Segments>{segments} : parts) {
        const uint64_t enough = walk.possible ? walk.rows : limit;
        if (answer.rows >= enough) break;
        count_opened(part, answer);
        YAGURA_TRY(const bool wanted, delivery.run(part, enough - answer.rows));
        if (!wanted) break;
    }
    answer.ran = true;
    answer.limited = limit == kDefaultLimit && answer.rows >= kDefaultLimit;
    return answer;
}

Result<Answer> Engine::explain(const Question& question, std::string& out) {
    Answer answer;
    YAGURA_TRY(const auto snapshot, impl_->lake.snapshot());
    YAGURA_TRY(const auto plan, impl_->plan_for(question, snapshot, answer));
    if (!plan) return answer;
    const Segments segments = select_segments(snapshot, *plan);
    SqlOptions options;
    options.range = plan->range;
    options.limit = kDefaultLimit;
    // Segments by name would fill pages; the log type says what is read.
    for (size_t type = 0; type < plan->types.size(); ++type) {
        options.tables.push_back(segments[type].empty() ? ""
                                                        : sql::quote_name(plan->types[type]->name));
    }
    YAGURA_TRY(const SqlText text, write_sql(*plan, options));
    count_segments(snapshot, *plan, answer);
    count_opened(segments, answer);
    out = query::explain(*plan) + "\n" + text.sql + "\n";
    for (size_t i = 0; i < text.values.size(); ++i)
        out += fmt::format("${} = {}\n", i + 1, constant_text(text.values[i]));
    answer.ran = true;
    return answer;
}

// Views named after the log types, then one SELECT. The engine itself can read the lake's files and
// nothing else.
Result<Answer> Engine::ask_sql(const Question& question, const RowSink& sink) {
    Answer answer;
    YAGURA_TRY(const auto snapshot, impl_->lake.snapshot());
    YAGURA_TRY(const auto types, impl_->wanted_types(question, snapshot));
    YAGURA_CHECK(impl_->start());
    YAGURA_TRY(auto connection, impl_->database->connect());
    for (const logtype::LogType* type : types) {
        const auto segments = snapshot.segments(type->name, question.range);
        count_opened({segments}, answer);
        answer.segments_total += snapshot.segments(type->name).size();
        std::string view =
            fmt::format("CREATE OR REPLACE VIEW {} AS SELECT * FROM {} AS t WHERE TRUE",
                        sql::quote_name(type->name),
                        snapshot.table_sql(store::schema_of(*type), segments));
        // A view takes no bound values; these are our own numbers.
        if (question.range.from)
            view += fmt::format(" AND event_time >= make_timestamp({})",
                                to_micros(*question.range.from));
        if (question.range.to)
            view +=
                fmt::format(" AND event_time < make_timestamp({})", to_micros(*question.range.to));
        YAGURA_TRY(const uint64_t changed, connection.execute(view));
        static_cast<void>(changed);
    }
    if (!may_be_select(question.text)) return fail(Code::invalid, say(message::query_only_select));
    YAGURA_TRY(auto statement, connection.prepare(question.text));
    if (statement.kind() != sql::StatementKind::select)
        return fail(Code::invalid, say(message::query_only_select));
    YAGURA_TRY(auto rows, statement.run());
    std::vector<ResultColumn> columns;
    for (const sql::Column& column : rows.columns()) {
        constexpr ValueType kTypes[] = {ValueType::boolean,
                                        ValueType::integer,
                                        ValueType::real,
                                        ValueType::text,
                                        ValueType::time,
                                        ValueType::uuid,
                                        ValueType::json};
        columns.push_back({column.name, kTypes[static_cast<size_t>(column.type)]});
    }
    sink.columns(columns);
    for (;;) {
        YAGURA_TRY(const bool more, rows.next());
        if (!more) break;
        std::vector<sql::Value> cells(columns.size());
        for (size_t row = 0; row < rows.size(); ++row) {
            for (size_t i = 0; i < columns.size(); ++i) cells[i] = rows.column(i).value(row);
            ++answer.rows;
            if (!sink.row(cells)) break;
        }
    }
    answer.ran = true;
    return answer;
}

void Engine::cancel() {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->connection) impl_->connection->interrupt();
}

}  // namespace yagura::query
