#include "query/engine.h"

#include <algorithm>

#include "base/language.h"
#include "base/messages/query.h"
#include "base/messages/store.h"
#include "base/text.h"
#include "query/delivery.h"
#include "query/engine_impl.h"
#include "query/parser.h"
#include "query/planner.h"
#include "query/sql_text.h"
#include "store/account_filter.h"

namespace yagura::query {

RecordSource Engine::Impl::record_source() {
    RecordSource source;
    source.message = [this](int64_t object, int64_t ordinal) {
        return records.read(object, ordinal);
    };
    source.object_name = [this](int64_t id) -> std::optional<std::string> {
        const auto object = objects.find(id);
        if (!object) return std::nullopt;
        std::string path = store::visible_path(object->path, scope);
        if (path.empty()) return std::nullopt;
        return path;
    };
    source.object_time = [this](int64_t id) -> std::optional<Timestamp> {
        const auto object = objects.find(id);
        if (!object) return std::nullopt;
        return object->committed;
    };
    return source;
}

void Engine::Impl::interrupt_all() {
    const std::lock_guard lock(mutex);
    for (sql::Connection* one : running) one->interrupt();
}

Interruptible::Interruptible(Engine::Impl& impl, sql::Connection& connection)
    : impl_(impl), connection_(connection) {
    const std::lock_guard lock(impl_.mutex);
    impl_.running.insert(&connection_);
}

Interruptible::~Interruptible() {
    const std::lock_guard lock(impl_.mutex);
    impl_.running.erase(&connection_);
}

Asking::Asking(Engine::Impl& impl, const Question& question)
    : impl_(impl),
      timeout_(question.timeout),
      watch_({question.timeout, question.interrupted, &impl.cancelled},
             [&impl] { impl.interrupt_all(); }) {
    impl.scope = question.scope;
}

Error Asking::told(Error error) const {
    switch (reason()) {
        case Watch::Reason::late:
            return Error(Code::limit,
                         say(message::query_too_late,
                             fmt::format("{:g}", static_cast<double>(timeout_.count()) / 1000)));
        case Watch::Reason::unwanted:
            return Error(Code::cancelled, say(message::query_stopped));
        case Watch::Reason::none:
            break;
    }
    if (error.code() == Code::limit && error.sentence().starts_with("Out of Memory"))
        return Error(Code::limit,
                     say(message::query_out_of_memory, human_bytes(impl_.memory_limit_bytes)));
    return error;
}

void count_segments(const store::Snapshot& snapshot,
                    const std::vector<const logtype::LogType*>& types,
                    Answer& answer) {
    for (const logtype::LogType* type : types)
        answer.segments_total += snapshot.segments(type->name).size();
}

void count_opened(const Segments& segments, Answer& answer) {
    std::set<int64_t> opened;
    count_opened(segments, opened, answer);
}

void count_opened(const Segments& segments, std::set<int64_t>& opened, Answer& answer) {
    for (const auto& of_type : segments) {
        for (const store::Segment* segment : of_type) {
            if (!opened.insert(segment->id).second) continue;
            ++answer.segments_opened;
            answer.bytes_opened += segment->bytes;
        }
    }
}

void hide_figures(const Question& question, Answer& answer) {
    if (question.scope.is_all()) return;
    answer.segments_opened = 0;
    answer.segments_total = 0;
    answer.bytes_opened = 0;
}

namespace {

std::vector<ResultColumn> columns_of(const Plan& plan) {
    std::vector<ResultColumn> columns;
    for (const Output& output : plan.outputs)
        columns.push_back({output.name, plan.columns[output.column].type});
    return columns;
}

// The limit the text itself sets behind everything else, if any.
bool limits_itself(const Plan& plan) {
    return std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
        return step.kind == Step::Kind::limit;
    });
}

uint64_t row_limit(const Plan& plan, const Question& question) {
    const uint64_t limit = limits_itself(plan) ? UINT32_MAX : kDefaultLimit;
    return question.limit == 0 ? limit : std::min(limit, question.limit);
}

void report(const Question& question, const RowSink& sink, const Answer& answer) {
    // How often it is told is a figure, too.
    if (!sink.progress || !question.scope.is_all()) return;
    sink.progress({answer.segments_opened, answer.segments_total, answer.bytes_opened});
}

// Of the first piece of a walk: enough for the answer when every row is wanted, and for a start
// when few are.
uint64_t first_rows(const Plan& plan, uint64_t enough) {
    constexpr uint64_t kFew = 20'000, kMany = 1'000'000;
    const bool filters = std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
        return step.kind == Step::Kind::filter;
    });
    return std::clamp<uint64_t>(2 * enough, filters ? 10 * kFew : kFew, kMany);
}

}  // namespace

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::open(const std::filesystem::path& folder,
                                             const EngineOptions& options) {
    YAGURA_TRY(auto lake, store::Lake::open(folder));
    return std::unique_ptr<Engine>(new Engine(std::make_unique<Impl>(std::move(lake), options)));
}

Result<void> Engine::warm_up() {
    return impl_->start(0);
}

// A question may ask for less memory than the engine has; settings are locked once it runs, so it
// is started anew then.
Result<void> Engine::Impl::start(uint64_t wanted) {
    const uint64_t memory =
        wanted == 0 ? options.memory_limit_bytes : std::min(wanted, options.memory_limit_bytes);
    if (connection && memory == memory_limit_bytes) return {};
    connection.reset();
    database.reset();
    sql::Options engine_options;
    engine_options.threads = options.threads;
    engine_options.memory_limit_bytes = memory;
    engine_options.temp_directory = options.temp_directory;
    engine_options.temp_limit_bytes = options.temp_limit_bytes;
    YAGURA_TRY(auto opened, lake.engine(engine_options));
    database.emplace(std::move(opened));
    YAGURA_TRY(auto connected, database->connect());
    YAGURA_CHECK(add_functions(connected, record_source()));
    connection.emplace(std::move(connected));
    memory_limit_bytes = memory;
    return {};
}

Result<store::Snapshot> Engine::Impl::snapshot() {
    YAGURA_TRY(auto now, lake.snapshot());
    if (now.moment() != last_moment) objects.forget();
    last_moment = now.moment();
    return now;
}

// Who does not see everything is not told either which log types the lake has.
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
        const logtype::LogType* type = logtype::find(name);
        if (type != nullptr && question.scope.is_all()) types.push_back(type);
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
    Planned planned = plan(
        *parsed.query,
        {std::move(types), {question.now, question.range}, question.scope, question.first_segment});
    std::move(planned.notes.begin(), planned.notes.end(), std::back_inserter(answer.notes));
    return std::move(planned.plan);
}

Result<Answer> Engine::Impl::ask(const Question& question,
                                 const RowSink& sink,
                                 const Asking& asking) {
    Answer answer;
    YAGURA_TRY(const auto moment, snapshot());
    YAGURA_TRY(const auto plan, plan_for(question, moment, answer));
    if (!plan) return answer;
    count_segments(moment, plan->types, answer);
    sink.columns(columns_of(*plan));
    Delivery delivery(*this, moment, *plan, sink, answer);

    const Segments segments = select_segments(moment, *plan);
    const uint64_t limit = row_limit(*plan, question);
    const Walk walk = walk_of(*plan, UINT64_MAX);
    const bool ends_itself = walk.possible && walk.rows <= limit;
    const uint64_t enough = ends_itself ? walk.rows : limit;
    answer.ran = true;
    if (is_nothing(segments) && !plan->is_aggregated) return answer;
    YAGURA_CHECK(start(question.memory_limit_bytes));
    std::vector<Piece> parts;
    if (walk.possible)
        parts = pieces(segments, plan->range, walk.newest_first, first_rows(*plan, enough));
    if (parts.empty()) parts.push_back({segments, plan->range});
    std::set<int64_t> opened;
    for (const Piece& part : parts) {
        if (ends_itself && answer.rows >= enough) break;
        if (asking.reason() != Watch::Reason::none) return fail(Code::cancelled, "");
        count_opened(part.segments, opened, answer);
        report(question, sink, answer);
        auto wanted = delivery.run(part, enough);
        if (!wanted)
            return cause_of(std::move(wanted).error(), question.scope, moment, part.segments);
        if (!*wanted) break;
    }
    answer.limited = answer.limited && !ends_itself;
    return answer;
}

Result<Answer> Engine::ask(const Question& question, const RowSink& sink) {
    impl_->cancelled = false;
    const Asking asking(*impl_, question);
    auto answer = impl_->ask(question, sink, asking);
    if (!answer) return asking.told(std::move(answer).error());
    hide_figures(question, *answer);
    return answer;
}

Result<Answer> Engine::explain(const Question& question, Explained& out) {
    Answer answer;
    YAGURA_TRY(const auto snapshot, impl_->snapshot());
    YAGURA_TRY(const auto plan, impl_->plan_for(question, snapshot, answer));
    if (!plan) return answer;
    const Segments segments = select_segments(snapshot, *plan);
    SqlOptions options;
    options.range = plan->range;
    options.limit = row_limit(*plan, question);
    // Segments by name would fill pages; the log type says what is read. Whether there is anything
    // to read is told to those who see everything only.
    const bool tells = question.scope.is_all();
    for (size_t type = 0; type < plan->types.size(); ++type) {
        options.tables.push_back(
            tells && segments[type].empty() ? "" : sql::quote_name(plan->types[type]->name));
    }
    YAGURA_TRY(const SqlText text, write_sql(*plan, options));
    count_segments(snapshot, plan->types, answer);
    count_opened(segments, answer);
    out.plan = query::explain(*plan);
    out.sql = text.sql + "\n";
    for (size_t i = 0; i < text.values.size(); ++i)
        out.sql += fmt::format("${} = {}\n", i + 1, constant_text(text.values[i]));
    out.columns = columns_of(*plan);
    answer.ran = true;
    hide_figures(question, answer);
    return answer;
}

void Engine::cancel() {
    impl_->cancelled = true;
    impl_->interrupt_all();
}

}  // namespace yagura::query
