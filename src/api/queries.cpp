// POST /query: an answer as it comes, line by line (NDJSON), until it ends, is cancelled or its
// reader leaves. DELETE /query/{id} cancels; POST /query/check says what is wrong before anything
// is run.
#include <chrono>

#include "api/asking.h"
#include "base/messages/api.h"
#include "query/parser.h"
#include "query/planner.h"

namespace yagura::api {
namespace {

constexpr uint64_t kUsualRows = query::kDefaultLimit;
constexpr uint64_t kMostRows = 1'000'000;
constexpr size_t kBlockRows = 500;
constexpr size_t kBlockBytes = 64 << 10;

// All that a stream needs of its request, which is gone by then.
struct Asked {
    query::EnginePool* engines = nullptr;
    query::Asker asker;
    query::Question question;
    std::string text;
    bool is_sql = false;
};

// Writes the lines of one answer. What was promised to the reader holds: rows come in blocks, and
// the last line is `done` or `error`.
class Lines {
  public:
    explicit Lines(http::BodyWriter& out) : out_(out) {}

    void columns(const std::vector<query::ResultColumn>& columns) {
        std::string line = "{\"columns\":";
        JsonList list(line);
        for (const query::ResultColumn& column : columns) {
            JsonObject one(list.next());
            put_text(one, line, "name", column.name);
            put_text(one, line, "type", query::value_type_name(column.type));
            one.close();
        }
        list.close();
        write(line + "}\n");
    }

    bool row(std::span<const sql::Value> cells) {
        block_ += rows_ == 0 ? "{\"rows\":[" : ",";
        JsonList list(block_);
        for (const sql::Value& cell : cells) append_cell(list.next(), cell);
        list.close();
        if (++rows_ >= kBlockRows || block_.size() >= kBlockBytes) flush();
        return open_;
    }

    void progress(const query::Progress& progress) {
        flush();
        std::string line = "{\"progress\":";
        JsonObject one(line);
        one.number("segments", progress.segments);
        one.number("segments_total", progress.segments_total);
        one.number("bytes", progress.bytes);
        one.number("elapsed_ms", elapsed());
        one.close();
        write(line + "}\n");
    }

    void done(const query::Answer& answer, std::string_view text) {
        flush();
        std::string line = "{\"done\":";
        JsonObject one(line);
        one.number("rows", answer.rows);
        one.boolean("limited", answer.limited);
        one.number("elapsed_ms", elapsed());
        one.number("bytes_opened", answer.bytes_opened);
        one.number("segments_opened", answer.segments_opened);
        one.number("segments_total", answer.segments_total);
        one.number("rebuilt", answer.rebuilt);
        one.key("notes");
        append_notes(line, answer.notes, text);
        one.close();
        write(line + "}\n");
    }

    void error(const http::Response& response) {
        flush();
        write(response.body + "\n");
    }

  private:
    uint64_t elapsed() const {
        return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                         std::chrono::steady_clock::now() - started_)
                                         .count());
    }
    void flush() {
        if (rows_ > 0) write(block_ + "]}\n");
        block_.clear();
        rows_ = 0;
    }
    void write(std::string_view line) { open_ = open_ && out_.write(line); }

    http::BodyWriter& out_;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    std::string block_;
    size_t rows_ = 0;
    bool open_ = true;
};

void answer(const Asked& asked, http::BodyWriter& out) {
    Lines lines(out);
    out.on_leave([cancellation = asked.asker.cancellation] { cancellation->store(true); });
    auto lease = asked.engines->lease(asked.asker);
    if (!lease) return lines.error(http::error_response(lease.error()));
    query::RowSink sink;
    sink.columns = [&](const auto& columns) { lines.columns(columns); };
    sink.row = [&](auto cells) { return lines.row(cells); };
    sink.progress = [&](const query::Progress& progress) { lines.progress(progress); };
    query::Question question = asked.question;
    question.text = asked.text;
    const auto answer = asked.is_sql ? lease->ask_sql(question, sink) : lease->ask(question, sink);
    if (!answer) {
        lines.error(http::error_response(answer.error()));
    } else if (!answer->ran) {
        lines.error(mistake_response(answer->notes, asked.text));
    } else {
        lines.done(*answer, asked.text);
    }
}

bool has_error(std::span<const Diagnostic> notes) {
    return std::any_of(notes.begin(), notes.end(), [](const Diagnostic& note) {
        return note.grade == Grade::error;
    });
}

Result<Asked> read_asked(const Call& call, const http::Json& body) {
    Asked asked;
    asked.text = body.text("query");
    if (asked.text.empty()) return fail(Code::invalid, say(message::api_no_query));
    asked.is_sql = body.boolean("sql");
    YAGURA_TRY(asked.question, question_of(call, body));
    const int64_t limit = body.integer("limit").value_or(kUsualRows);
    if (limit < 1 || limit > static_cast<int64_t>(kMostRows))
        return fail(Code::invalid, say(message::api_bad_number, "limit", 1, kMostRows));
    asked.question.limit = static_cast<uint64_t>(limit);
    asked.engines = call.services.engines;
    if (asked.engines == nullptr) return fail(Code::not_found, say(message::api_no_lake));
    asked.asker.person = call.who.name;
    asked.asker.scope = call.who.accounts;
    asked.asker.id = body.text("query_id");
    asked.asker.cancellation = query::make_cancellation();
    return asked;
}

// What the text alone gets wrong is answered before the stream begins, with a status that programs
// understand.
Result<http::Response> run_query(Call& call) {
    YAGURA_TRY(const auto body, call.body());
    YAGURA_TRY(auto asked, read_asked(call, body));
    if (!asked.is_sql) {
        const query::Parsed parsed = query::parse(asked.text);
        if (has_error(parsed.notes)) return mistake_response(parsed.notes, asked.text);
    }
    return http::Response::stream(
        "application/x-ndjson",
        [asked = std::move(asked)](http::BodyWriter& out) { answer(asked, out); });
}

Result<http::Response> cancel_query(Call& call) {
    if (call.services.engines) call.services.engines->cancel(call.who.name, call.part("query_id"));
    return http::Response::json("{}");
}

// A mistake in SQL is a note like any other; it has no place.
Result<query::Answer> check(query::EnginePool::Lease& lease,
                            const Asked& asked,
                            query::Engine::Explained& explained) {
    query::Question question = asked.question;
    question.text = asked.text;
    if (!asked.is_sql) return lease.explain(question, explained);
    auto answer = lease.check_sql(question, explained.columns);
    if (answer || answer.error().code() != Code::invalid) return answer;
    query::Answer told;
    Diagnostic note;
    note.message = answer.error().sentence();
    told.notes.push_back(std::move(note));
    return told;
}

Result<http::Response> check_query(Call& call) {
    YAGURA_TRY(const auto body, call.body());
    YAGURA_TRY(const auto asked, read_asked(call, body));
    YAGURA_TRY(auto lease, quick_lease(call));
    query::Engine::Explained explained;
    YAGURA_TRY(const auto answer, check(lease, asked, explained));
    std::string out;
    JsonObject told(out);
    told.key("notes");
    append_notes(out, answer.notes, asked.text);
    if (answer.ran && !asked.is_sql) {
        put_text(told, out, "plan", explained.plan);
        put_text(told, out, "sql", explained.sql);
    }
    if (answer.ran) {
        told.key("columns");
        JsonList list(out);
        for (const query::ResultColumn& column : explained.columns) {
            JsonObject one(list.next());
            put_text(one, out, "name", column.name);
            put_text(one, out, "type", query::value_type_name(column.type));
            one.close();
        }
        list.close();
    }
    told.close();
    return http::Response::json(std::move(out));
}

constexpr Route kRoutes[] = {
    {.method = Method::post,
     .path = "/query",
     .summary = {"Ask in Logs Insights QL or SQL; the answer comes line by line",
                 "Logs Insights QL または SQL で問い合わせる（結果は 1 行ずつ届く）"},
     .asks = "QueryRequest",
     .answer = "QueryLine",
     .answer_type = "application/x-ndjson",
     .handle = run_query},
    {.method = Method::del,
     .path = "/query/{query_id}",
     .summary = {"Cancel one's query", "自分のクエリを取り消す"},
     .handle = cancel_query},
    {.method = Method::post,
     .path = "/query/check",
     .summary = {"What is wrong with a query, its plan and its columns; nothing is run",
                 "クエリの誤り、計画、列を調べる（実行はしない）"},
     .asks = "QueryRequest",
     .answer = "QueryCheck",
     .handle = check_query},
};

}  // namespace

extern const Resource queries;
const Resource queries{"query", kRoutes};

}  // namespace yagura::api
