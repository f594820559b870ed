// `yagura doctor`: what a user's trouble usually is, looked at in a second, each with its remedy.
//
// A check is a function that appends findings; kChecks is the list. Warnings leave the exit code 0.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <langinfo.h>
#include <locale.h>
#include <unistd.h>

#include "base/messages/cli.h"
#include "base/messages/rule.h"
#include "base/paths.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/screen.h"
#include "cli/settings.h"
#include "cli/table.h"
#include "cli/version.h"
#include "rule/loader.h"
#include "sql/database.h"
#include "store/lake.h"
#include "store/sweep.h"
#include "store/writer_lock.h"

namespace yagura::cli {
namespace {

namespace fs = std::filesystem;

enum class Status : uint8_t { ok, warn, fail };

struct StatusRow {
    std::string_view name;  // in JSON
    Text word;
    const char* colour;
};
constexpr StatusRow kStatus[] = {
    {"ok", message::doctor_ok, "32"},
    {"warn", message::doctor_warn, "33"},
    {"fail", message::doctor_fail, "31"},
};

struct Finding {
    std::string_view check;  // "rules": in JSON
    Text title;
    Status status;
    std::string detail;
    std::string remedy;  // empty when ok
};

struct Patient {
    std::string lake;  // empty: none given
    const Session& session;
    std::vector<Finding> findings;

    void add(std::string_view check, const Text& title, Status status, std::string detail) {
        findings.push_back({check, title, status, std::move(detail), ""});
    }
    void add(std::string_view check,
             const Text& title,
             Status status,
             std::string detail,
             const Text& remedy) {
        findings.push_back({check,
                            title,
                            status,
                            std::move(detail),
                            status == Status::ok ? "" : std::string(remedy.in(language()))});
    }
};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

void check_program(Patient& patient) {
    const bool is_release = program_build() == "release";
    const uint32_t threads =
        patient.session.threads ? patient.session.threads : std::thread::hardware_concurrency();
    patient.add("program",
                message::doctor_program,
                is_release ? Status::ok : Status::warn,
                say(message::doctor_program_is, program_version(), program_build(), threads),
                message::doctor_debug_remedy);
}

void check_locale(Patient& patient) {
    const char* name = setlocale(LC_CTYPE, "");
    const std::string charset = nl_langinfo(CODESET);
    const bool is_utf8 = charset == "UTF-8";
    const std::string shown = name ? fmt::format("{} ({})", name, charset) : charset;
    setlocale(LC_CTYPE, "C");
    const std::string terminal = environment("TERM");
    patient.add("locale",
                message::doctor_locale,
                is_utf8 ? Status::ok : Status::warn,
                say(message::doctor_locale_is, shown, terminal.empty() ? "-" : terminal),
                message::doctor_locale_remedy);
}

void check_configuration(Patient& patient) {
    const Settings settings = read_settings();
    const bool is_right = settings.problems.empty();
    std::string detail =
        settings.found
            ? say(message::doctor_config_is, settings.file.string(), settings.made.size())
            : say(message::doctor_config_none,
                  settings.file.empty() ? "-" : settings.file.string());
    if (!is_right) detail = to_string(settings.problems[0]);
    patient.add("configuration",
                message::doctor_config,
                is_right ? Status::ok : Status::fail,
                std::move(detail),
                message::doctor_config_remedy);
}

void check_rules(Patient& patient) {
    const fs::path folder = shipped_rules_dir();
    const auto rules = rule::load_rules({.bundled = {folder}, .threads = patient.session.threads});
    const auto add = [&](Status status, std::string detail, const Text& remedy) {
        patient.add("rules", message::doctor_rules, status, std::move(detail), remedy);
    };
    if (!rules) return add(Status::fail, rules.error().sentence(), message::doctor_rules_remedy);
    if (rules->loaded == 0) {
        return add(Status::fail,
                   say(message::doctor_rules_is, 0, folder.string()),
                   message::doctor_rules_remedy);
    }
    if (rules->quarantined_count > 0) {
        return add(Status::warn,
                   say(message::doctor_rules_quarantined,
                       rules->loaded,
                       folder.string(),
                       rules->quarantined_count),
                   message::doctor_rules_lint_remedy);
    }
    add(Status::ok, say(message::doctor_rules_is, rules->loaded, folder.string()), {});
}

// The file the engine was loaded from, as the system maps it.
std::string engine_file() {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        const size_t slash = line.find('/');
        if (slash != std::string::npos && line.find("libduckdb", slash) != std::string::npos)
            return line.substr(slash);
    }
    return "-";
}

Result<void> try_engine() {
    YAGURA_TRY(auto database, sql::Database::open({.threads = 1}));
    YAGURA_TRY(auto connection, database.connect());
    YAGURA_TRY(const auto rows, connection.query("SELECT 42"));
    return {};
}

void check_engine(Patient& patient) {
    const std::string version = sql::engine_version();
    const auto tried = try_engine();
    const bool is_known = version.starts_with("v1.5.");
    const Status status = !tried ? Status::fail : is_known ? Status::ok : Status::warn;
    patient.add(
        "engine",
        message::doctor_engine,
        status,
        tried ? say(message::doctor_engine_is, version, engine_file()) : tried.error().sentence(),
        message::doctor_engine_remedy);
}

void add_space(Patient& patient,
               std::string_view check,
               const Text& title,
               const fs::path& folder,
               const Text& remedy) {
    constexpr uintmax_t kEnough = 1u << 30;
    std::error_code error;
    const fs::space_info space = fs::space(folder, error);
    if (error || access(folder.c_str(), W_OK) != 0) {
        return patient.add(
            check, title, Status::fail, say(message::doctor_not_writable, folder.string()), remedy);
    }
    patient.add(check,
                title,
                space.available >= kEnough ? Status::ok : Status::warn,
                say(message::doctor_space_is, folder.string(), human_bytes(space.available)),
                remedy);
}

void check_temporary(Patient& patient) {
    std::error_code error;
    fs::path folder = fs::temp_directory_path(error);
    if (error) folder = environment("TMPDIR");
    add_space(patient, "temporary", message::doctor_temp, folder, message::doctor_temp_remedy);
}

void check_clock(Patient& patient) {
    constexpr int64_t kYear2026 = 1'767'225'600'000'000;  // this program is younger than that
    const Timestamp now = current_time();
    const bool is_past = to_micros(now) >= kYear2026;
    patient.add("clock",
                message::doctor_clock,
                is_past ? Status::ok : Status::warn,
                format_iso8601(now),
                message::doctor_clock_remedy);
}

void check_writer(Patient& patient) {
    const auto lock = store::WriterLock::acquire(patient.lake, std::chrono::milliseconds(0));
    const auto add = [&](Status status, std::string detail, const Text& remedy) {
        patient.add("writer", message::doctor_writer, status, std::move(detail), remedy);
    };
    if (lock) return add(Status::ok, say(message::doctor_writer_free), {});
    add(Status::warn,
        lock.error().sentence(),
        lock.error().code() == Code::busy ? message::doctor_writer_remedy
                                          : message::doctor_writer_denied_remedy);
}

Result<void> examine_lake(Patient& patient) {
    YAGURA_TRY(auto lake, store::Lake::open(patient.lake));
    YAGURA_TRY(const auto snapshot, lake.snapshot());
    YAGURA_TRY(const auto segments, lake.catalog().segments());
    size_t live = 0;
    Timestamp newest{};
    for (const store::Segment& segment : segments) {
        if (segment.state != store::SegmentState::live) continue;
        ++live;
        newest = std::max(newest, segment.max_time);
    }
    patient.add("lake",
                message::doctor_lake,
                Status::ok,
                say(message::doctor_lake_is,
                    patient.lake,
                    store::kFormatVersion,
                    with_thousands(live),
                    with_thousands(snapshot.rows()),
                    human_bytes(snapshot.bytes())));
    const size_t orphans = store::orphans(patient.lake, segments).size();
    patient.add("orphans",
                message::doctor_orphans,
                orphans == 0 ? Status::ok : Status::warn,
                say(message::doctor_orphans_are, orphans),
                message::doctor_orphans_remedy);
    if (newest > current_time() + std::chrono::minutes(5)) {
        patient.add("clock",
                    message::doctor_clock,
                    Status::warn,
                    say(message::doctor_ahead, format_iso8601(newest)),
                    message::doctor_clock_remedy);
    }
    return {};
}

void check_lake(Patient& patient) {
    if (patient.lake.empty()) return;
    if (const auto examined = examine_lake(patient); !examined) {
        return patient.add("lake",
                           message::doctor_lake,
                           Status::fail,
                           examined.error().sentence(),
                           examined.error().code() == Code::not_found
                               ? message::doctor_lake_absent_remedy
                               : message::doctor_lake_remedy);
    }
    check_writer(patient);
    add_space(patient,
              "lake_space",
              message::doctor_lake_space,
              patient.lake,
              message::doctor_lake_space_remedy);
}

constexpr void (*kChecks[])(Patient&) = {
    check_program,
    check_locale,
    check_configuration,
    check_rules,
    check_engine,
    check_temporary,
    check_clock,
    check_lake,
};

void print_json(const Finding& finding) {
    fmt::print(R"({{"check":{},"status":{},"detail":{},"remedy":{}}})"
               "\n",
               json_quote(finding.check),
               json_quote(kStatus[static_cast<size_t>(finding.status)].name),
               json_quote(finding.detail),
               json_quote(finding.remedy));
}

void print_text(const std::vector<Finding>& findings, const report::Terminal& terminal) {
    size_t width = 0;
    size_t words = 0;
    for (const Finding& finding : findings)
        width = std::max(width, display_width(finding.title.in(language())));
    for (const StatusRow& row : kStatus)
        words = std::max(words, display_width(row.word.in(language())));
    const auto padded = [](std::string_view text, size_t columns) {
        return std::string(text) + std::string(columns - display_width(text), ' ');
    };
    for (const Finding& finding : findings) {
        const StatusRow& row = kStatus[static_cast<size_t>(finding.status)];
        fmt::print("{}  {}  {}\n",
                   terminal.paint(padded(row.word.in(language()), words), row.colour),
                   padded(finding.title.in(language()), width),
                   printable(finding.detail));
        if (!finding.remedy.empty())
            fmt::print("{}→ {}\n", std::string(words + width + 4, ' '), finding.remedy);
    }
}

int run_doctor(const std::string& lake, const std::string& format, const Session& session) {
    Patient patient{lake, session, {}};
    for (const auto check : kChecks) check(patient);
    size_t counts[std::size(kStatus)] = {};
    for (const Finding& finding : patient.findings) ++counts[static_cast<size_t>(finding.status)];
    if (format == "json") {
        for (const Finding& finding : patient.findings) print_json(finding);
    } else {
        print_text(patient.findings, terminal_of(STDOUT_FILENO, session));
        if (!session.quiet) remark(say(message::doctor_summary, counts[0], counts[1], counts[2]));
    }
    return counts[static_cast<size_t>(Status::fail)] == 0 ? kOk : kFailed;
}

}  // namespace

void add_doctor(CLI::App& program, Session& session) {
    struct Options {
        std::string lake;
        std::string format = "table";
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("doctor", say(message::doctor_help));
    command->add_option("--lake", options->lake, say(message::doctor_opt_lake));
    command->add_option("-f,--format", options->format, say(message::rules_opt_format))
        ->check(CLI::IsMember({"table", "json"}));
    command->callback([options, &session] {
        session.exit_code = run_doctor(options->lake, options->format, session);
    });
}

}  // namespace yagura::cli
