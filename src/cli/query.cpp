// `yagura query`: a question in Logs Insights QL, or one SELECT, asked of a lake.
//
// The answer goes to standard output, notes about the question and a line of figures to standard
// error.
#include "base/messages/query.h"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <mutex>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/result_writer.h"
#include "cli/screen.h"
#include "query/commands.h"
#include "query/engine.h"
#include "query/functions.h"
#include "report/terminal.h"

namespace yagura::cli {
namespace {

struct Options {
    std::string lake;
    std::string text;
    std::string from;
    std::string to;
    std::string since;
    std::vector<std::string> types;
    std::string format = "table";
    bool sql = false;
    bool explain = false;
    bool language = false;
};

// Passes Ctrl+C on to the engine while a question runs.
class Canceller {
  public:
    explicit Canceller(query::Engine& engine)
        : thread_([this, &engine] {
              std::unique_lock lock(mutex_);
              while (!done_) {
                  wake_.wait_for(lock, std::chrono::milliseconds(50));
                  if (!done_ && interrupt_.flag()->load()) engine.cancel();
              }
          }) {}
    ~Canceller() {
        {
            const std::lock_guard lock(mutex_);
            done_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    bool interrupted() const { return interrupt_.flag()->load(); }

  private:
    Interrupt interrupt_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool done_ = false;
    std::thread thread_;
};

void show_notes(const query::Answer& answer) {
    for (const Diagnostic& note : answer.notes) fmt::print(stderr, "{}\n", to_string(note));
}

void show_footer(const query::Answer& answer, double milliseconds) {
    fmt::print(stderr,
               "{}\n",
               say(message::query_footer,
                   report::counted_rows(answer.rows),
                   with_thousands(answer.segments_opened),
                   with_thousands(answer.segments_total),
                   human_bytes(answer.bytes_opened),
                   fmt::format("{:.0f}", milliseconds)));
    if (answer.limited)
        fmt::print(
            stderr, "{}\n", say(message::query_limited, with_thousands(query::kDefaultLimit)));
    if (answer.rebuilt > 0)
        fmt::print(stderr, "{}\n", say(message::query_rebuilt, with_thousands(answer.rebuilt)));
}

// The engine marks a mistake in SQL on a line of its own.
void complain_by_lines(const Error& error) {
    const auto lines = split(error.sentence(), '\n');
    complain(lines[0]);
    for (size_t i = 1; i < lines.size(); ++i) fmt::print(stderr, "{}\n", printable(lines[i]));
}

// The commands and functions, from their tables.
int print_language() {
    for (const query::CommandRow& row : query::commands()) {
        if (row.parse == nullptr) continue;
        fmt::print("{}\n    {}\n", row.syntax, row.sentence.in(language()));
    }
    fmt::print("\n");
    for (const auto rows : {query::scalar_functions(), query::aggregate_functions()}) {
        for (const query::FunctionRow& row : rows)
            fmt::print("{}\n    {}\n", row.usage, row.sentence.in(language()));
    }
    return kOk;
}

Result<query::Answer> ask(query::Engine& engine,
                          const query::Question& question,
                          const Options& options,
                          report::Output& out,
                          const Session& session) {
    report::Terminal terminal = terminal_of(STDOUT_FILENO, session);
    if (!isatty(STDOUT_FILENO)) terminal.width = 0;
    const auto writer = make_result_writer(options.format, terminal, out);
    query::RowSink sink;
    sink.columns = [&](const auto& columns) { writer->columns(columns); };
    sink.row = [&](auto cells) {
        writer->row(cells);
        return true;
    };
    auto answer = options.sql ? engine.ask_sql(question, sink) : engine.ask(question, sink);
    if (answer && answer->ran) writer->end();
    return answer;
}

int run_query(Options options, const Session& session) {
    if (options.language) return print_language();
    if (options.text == "-") options.text.assign(std::istreambuf_iterator<char>(std::cin), {});
    const Timestamp now = current_time();
    const auto range =
        parse_time_range(options.since.empty() ? options.from : options.since, options.to, now);
    if (!range) return complain(range.error()), kUsage;

    const auto start = std::chrono::steady_clock::now();
    query::EngineOptions engine_options;
    engine_options.threads = session.threads;
    auto engine = query::Engine::open(options.lake, engine_options);
    if (!engine)
        return complain(engine.error()),
               engine.error().code() == Code::not_found ? kUsage : kFailed;

    if (options.types.size() == 1 && options.types[0] == "all") options.types.clear();
    query::Question question;
    question.text = options.text;
    question.range = *range;
    question.types = options.types;
    question.now = now;
    auto out = report::Output::open("-");
    if (!out) return complain(out.error()), kFailed;
    const Canceller canceller(**engine);
    query::Engine::Explained explained;
    const auto answer = options.explain && !options.sql
                            ? (*engine)->explain(question, explained)
                            : ask(**engine, question, options, *out, session);
    const std::string explanation =
        explained.plan.empty() ? "" : explained.plan + "\n" + explained.sql;
    if (!answer) {
        static_cast<void>(out->close());
        if (canceller.interrupted()) return kInterrupted;
        complain_by_lines(answer.error());
        return answer.error().code() == Code::invalid ? kUsage : kFailed;
    }
    if (!session.quiet || !answer->ran) show_notes(*answer);
    if (!answer->ran) return kUsage;
    out->write(explanation);
    if (const auto closed = out->close(); !closed) return complain(closed.error()), kFailed;
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    if (!session.quiet && explanation.empty()) show_footer(*answer, took.count());
    return kOk;
}

}  // namespace

void add_query(CLI::App& program, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("query", say(message::query_help));
    auto* lake = command->add_option("--lake", options->lake, say(message::query_opt_lake));
    auto* text = command->add_option("QUERY", options->text, say(message::query_opt_text));
    command->add_option("--from", options->from, say(message::query_opt_from));
    command->add_option("--to", options->to, say(message::query_opt_to));
    command->add_option("--since", options->since, say(message::query_opt_since))
        ->excludes("--from");
    command->add_option("--type", options->types, say(message::query_opt_type))
        ->allow_extra_args(false)
        ->delimiter(',');
    command->add_option("-f,--format", options->format, say(message::query_opt_format))
        ->check(CLI::IsMember({"table", "csv", "jsonl"}));
    auto* sql = command->add_flag("--sql", options->sql, say(message::query_opt_sql));
    command->add_flag("--explain", options->explain, say(message::query_opt_explain))
        ->excludes(sql);
    auto* language =
        command->add_flag("--language", options->language, say(message::query_opt_language));
    command->callback([=, &session] {
        if (language->count() == 0) {
            // The lake may also come from the configuration.
            if (options->lake.empty()) throw CLI::RequiredError(lake->get_name());
            if (options->text.empty()) throw CLI::RequiredError(text->get_name());
        }
        session.exit_code = run_query(*options, session);
    });
}

}  // namespace yagura::cli
