// `yagura user add|list|passwd|remove|token|audit`: the people of a console, at the machine itself.
// Who can write the lake's folder needs no password: this is also the way back in when the last
// administrator has forgotten theirs.
#include "base/messages/user.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "auth/gate.h"
#include "base/json_text.h"
#include "base/messages/auth.h"
#include "base/messages/store.h"
#include "base/text.h"
#include "cli/password_prompt.h"
#include "cli/screen.h"
#include "cli/table.h"

namespace yagura::cli {
namespace {

struct Options {
    std::string lake;
    std::string name;
    std::string role;
    std::vector<std::string> accounts;
    std::string language;
    bool from_stdin = false;
    std::string format = "table";
    std::string label;
    std::string expires;
    std::string remove;
    size_t limit = 100;
};

int exit_of(const Error& error) {
    if (error.code() == Code::cancelled) return kInterrupted;
    complain(error);
    const bool is_asked_wrong = error.code() == Code::invalid || error.code() == Code::not_found ||
                                error.code() == Code::conflict || error.code() == Code::forbidden ||
                                error.code() == Code::unsupported;
    return is_asked_wrong ? kUsage : kFailed;
}

int exit_of(const Result<void>& done) {
    return done ? kOk : exit_of(done.error());
}

// "cli:root": an operating system's user, not one of the console.
auth::Actor actor() {
    const passwd* entry = getpwuid(geteuid());
    return {fmt::format("cli:{}", entry ? entry->pw_name : std::to_string(geteuid())), ""};
}

Result<std::unique_ptr<auth::Gate>> open_gate(const Options& options) {
    std::error_code error;
    // A folder that is not there is a slip of the hand, not a new console.
    if (!std::filesystem::is_directory(options.lake, error))
        return fail(Code::not_found, say(message::user_no_folder, printable(options.lake)));
    return auth::Gate::open(options.lake);
}

Result<std::string> read_password(const Options& options) {
    return options.from_stdin ? password_from_stdin() : ask_new_password(printable(options.name));
}

std::optional<AccountScope> accounts_asked(const Options& options) {
    if (options.accounts.empty()) return std::nullopt;
    return AccountScope::of(options.accounts);
}

std::string accounts_shown(const AccountScope& accounts) {
    if (accounts.is_all()) return say(message::user_all_accounts);
    std::string text;
    for (const std::string& id : accounts.accounts()) text += (text.empty() ? "" : " ") + id;
    return text;
}

void write_accounts(JsonObject& row, std::string& line, const AccountScope& accounts) {
    if (accounts.is_all()) return row.raw("accounts", "null");
    row.key("accounts");
    append_json_list(line, accounts.accounts());
}

std::string time_shown(const std::optional<Timestamp>& time) {
    return time ? format_iso8601(std::chrono::floor<std::chrono::seconds>(*time))
                : say(message::user_never);
}

std::string time_text(const std::optional<Timestamp>& time) {
    return time ? format_iso8601(*time) : "";
}

Result<void> add_person(const Options& options, const Session& session) {
    YAGURA_TRY(const auto gate, open_gate(options));
    auth::NewPerson person;
    person.name = options.name;
    person.role = *auth::role_from_name(options.role);
    person.accounts = accounts_asked(options).value_or(AccountScope::all());
    person.language = options.language;
    YAGURA_TRY(person.password, read_password(options));
    YAGURA_CHECK(gate->people().add(person, actor()));
    if (session.quiet) return {};
    YAGURA_TRY(const auth::Person added, gate->people().find(person.name));
    fmt::print("{}\n", say(message::user_added, added.name, options.role));
    fmt::print("{}\n", say(message::user_next, printable(options.lake)));
    return {};
}

Result<void> list_people(const Options& options, const Session& session) {
    YAGURA_TRY(const auto gate, open_gate(options));
    YAGURA_TRY(const auto people, gate->people().list());
    std::vector<std::vector<std::string>> rows{{say(message::user_head_name),
                                                say(message::user_head_role),
                                                say(message::user_head_state),
                                                say(message::user_head_last_login),
                                                say(message::user_head_accounts)}};
    for (const auth::Person& person : people) {
        rows.push_back({person.name,
                        std::string(auth::role_name(person.role)),
                        say(person.is_disabled ? message::user_disabled : message::user_enabled),
                        time_shown(person.last_login),
                        accounts_shown(person.accounts)});
        if (options.format == "table") continue;
        std::string line;
        JsonObject row(line);
        row.text("name", person.name);
        row.text("role", auth::role_name(person.role));
        write_accounts(row, line, person.accounts);
        row.text("language", person.language);
        row.text("created", format_iso8601(person.created));
        row.text("last_login", time_text(person.last_login));
        row.boolean("disabled", person.is_disabled);
        row.close();
        fmt::print("{}\n", line);
    }
    if (options.format == "table" && !people.empty()) print_table(rows);
    if (people.empty() && !session.quiet) fmt::print(stderr, "{}\n", say(message::user_none));
    return {};
}

Result<void> set_password(const Options& options, const Session& session) {
    YAGURA_TRY(const auto gate, open_gate(options));
    YAGURA_TRY(const auth::Person person, gate->people().find(options.name));
    YAGURA_TRY(std::string password, read_password(options));
    auth::PersonChange change;
    change.password = std::move(password);
    YAGURA_CHECK(gate->people().change(person.name, change, actor()));
    if (!session.quiet) fmt::print("{}\n", say(message::user_password_set, person.name));
    return {};
}

Result<void> remove_person(const Options& options, const Session& session) {
    YAGURA_TRY(const auto gate, open_gate(options));
    YAGURA_TRY(const auth::Person person, gate->people().find(options.name));
    YAGURA_CHECK(gate->people().remove(person.name, actor()));
    if (!session.quiet) fmt::print("{}\n", say(message::user_removed, person.name));
    return {};
}

// "90d" from now on, or a time.
Result<std::optional<Timestamp>> expiry(const std::string& text) {
    if (text.empty()) return std::nullopt;
    if (const auto span = parse_duration(text)) return current_time() + *span;
    if (const auto time = parse_iso8601(text)) return time;
    return fail(Code::invalid, say(message::user_bad_expiry, printable(text)));
}

Result<void> make_token(auth::Gate& gate,
                        const auth::Person& person,
                        const Options& options,
                        const Session& session) {
    auth::TokenWish wish;
    wish.label = options.label;
    wish.role = auth::role_from_name(options.role);
    wish.accounts = accounts_asked(options);
    YAGURA_TRY(wish.expires, expiry(options.expires));
    YAGURA_TRY(const auth::NewToken token, gate.tokens().add(person.name, wish, actor()));
    if (!session.quiet) fmt::print(stderr, "{}\n", say(message::user_token_made, token.row.id));
    fmt::print("{}\n", token.secret);
    return {};
}

Result<void> list_tokens(auth::Gate& gate, const auth::Person& person, const Session& session) {
    YAGURA_TRY(const auto tokens, gate.tokens().list(person.name));
    std::vector<std::vector<std::string>> rows{{"ID",
                                                say(message::user_head_label),
                                                say(message::user_head_role),
                                                say(message::user_head_last_used),
                                                say(message::user_head_expires),
                                                say(message::user_head_accounts)}};
    for (const auth::TokenRow& token : tokens) {
        rows.push_back({token.id,
                        printable(token.label),
                        std::string(auth::role_name(token.role)),
                        time_shown(token.last_used),
                        time_shown(token.expires),
                        accounts_shown(token.accounts)});
    }
    if (!tokens.empty()) print_table(rows);
    if (tokens.empty() && !session.quiet)
        fmt::print(stderr, "{}\n", say(message::user_no_tokens, person.name));
    return {};
}

Result<void> tokens(const Options& options, const Session& session) {
    YAGURA_TRY(const auto gate, open_gate(options));
    YAGURA_TRY(const auth::Person person, gate->people().find(options.name));
    if (!options.remove.empty()) {
        YAGURA_CHECK(gate->tokens().remove(options.remove, person.name, actor()));
        if (!session.quiet)
            fmt::print("{}\n", say(message::user_token_removed, printable(options.remove)));
        return {};
    }
    if (!options.label.empty()) return make_token(*gate, person, options, session);
    return list_tokens(*gate, person, session);
}

Result<void> print_audit(auth::AuditLog& log, const Options& options) {
    YAGURA_TRY(const auto page, log.page(options.limit == 0 ? INT64_MAX : options.limit, 0));
    std::vector<std::vector<std::string>> rows{{say(message::user_head_time),
                                                say(message::user_head_who),
                                                say(message::user_head_address),
                                                say(message::user_head_action),
                                                say(message::user_head_target),
                                                say(message::user_head_result),
                                                say(message::user_head_detail)}};
    for (const auth::AuditRow& each : page.rows) {
        const auth::AuditEntry& entry = each.entry;
        rows.push_back({time_shown(each.time),
                        printable(entry.who),
                        printable(entry.address),
                        printable(entry.action),
                        printable(entry.target),
                        printable(entry.result),
                        printable(entry.detail)});
        if (options.format == "table") continue;
        std::string line;
        JsonObject row(line);
        row.integer("id", each.id);
        row.text("time", format_iso8601(each.time));
        row.text("who", entry.who);
        row.text("address", entry.address);
        row.text("action", entry.action);
        row.text("target", entry.target);
        row.text("detail", entry.detail);
        row.text("result", entry.result);
        row.close();
        fmt::print("{}\n", line);
    }
    if (options.format == "table" && !page.rows.empty()) print_table(rows);
    return {};
}

Result<void> audit(const Options& options, const Session& session) {
    YAGURA_TRY(const auto gate, open_gate(options));
    YAGURA_CHECK(print_audit(gate->audit(), options));
    YAGURA_TRY(const auth::AuditCheck check, gate->audit().verify());
    if (!check.is_ok) return fail(Code::corrupt, check.problem);
    if (!session.quiet)
        fmt::print(stderr, "{}\n", say(message::user_audit_sound, check.rows, check.newest_hash));
    return {};
}

using Shared = std::shared_ptr<Options>;

const CLI::IsMember& roles() {
    static const CLI::IsMember kRoles({"viewer", "analyst", "responder", "admin"});
    return kRoles;
}

void add_accounts(CLI::App& command, const Shared& options, const Text& help) {
    command.add_option("--account", options->accounts, say(help))->allow_extra_args(false);
}

void add_password(CLI::App& command, const Shared& options) {
    command.add_flag("--password-stdin", options->from_stdin, say(message::user_opt_stdin));
}

void add_format(CLI::App& command, const Shared& options) {
    command.add_option("-f,--format", options->format, say(message::user_opt_format))
        ->check(CLI::IsMember({"table", "jsonl"}));
}

// A command below `yagura user`; all of them are about a lake.
CLI::App& add_command(CLI::App& user,
                      const Shared& options,
                      Session& session,
                      const char* name,
                      const Text& help,
                      Result<void> (*run)(const Options&, const Session&)) {
    CLI::App& command = *user.add_subcommand(name, say(help));
    command.add_option("--lake", options->lake, say(message::lake_opt_lake))->required();
    command.callback(
        [options, &session, run] { session.exit_code = exit_of(run(*options, session)); });
    return command;
}

void add_name(CLI::App& command, const Shared& options) {
    command.add_option("NAME", options->name, say(message::user_opt_name))->required();
}

}  // namespace

void add_user(CLI::App& program, Session& session) {
    const auto options = std::make_shared<Options>();
    CLI::App& user = *program.add_subcommand("user", say(message::user_help));
    user.require_subcommand(1);

    CLI::App& adding =
        add_command(user, options, session, "add", message::user_add_help, add_person);
    add_name(adding, options);
    adding.add_option("--role", options->role, say(message::user_opt_role))
        ->required()
        ->check(roles());
    add_accounts(adding, options, message::user_opt_account);
    adding.add_option("--language", options->language, say(message::user_opt_language))
        ->check(CLI::IsMember({"en", "ja"}));
    add_password(adding, options);

    add_format(add_command(user, options, session, "list", message::user_list_help, list_people),
               options);

    CLI::App& passwd =
        add_command(user, options, session, "passwd", message::user_passwd_help, set_password);
    add_name(passwd, options);
    add_password(passwd, options);

    add_name(
        add_command(user, options, session, "remove", message::user_remove_help, remove_person),
        options);

    CLI::App& token =
        add_command(user, options, session, "token", message::user_token_help, tokens);
    add_name(token, options);
    CLI::Option* label = token.add_option("--label", options->label, say(message::user_opt_label));
    token.add_option("--role", options->role, say(message::user_opt_token_role))
        ->check(roles())
        ->needs(label);
    token.add_option("--account", options->accounts, say(message::user_opt_token_account))
        ->allow_extra_args(false)
        ->needs(label);
    token.add_option("--expires", options->expires, say(message::user_opt_expires))->needs(label);
    token.add_option("--remove", options->remove, say(message::user_opt_token_remove))
        ->excludes(label);

    CLI::App& auditing =
        add_command(user, options, session, "audit", message::user_audit_help, audit);
    add_format(auditing, options);
    auditing.add_option("--limit", options->limit, say(message::user_opt_limit));
}

}  // namespace yagura::cli
