#include "console/exceptions.h"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/messages/base.h"
#include "base/messages/console.h"
#include "base/system_reason.h"
#include "base/text.h"
#include "console/covering.h"
#include "console/notebook.h"
#include "rule/context.h"
#include "store/files.h"

namespace yagura::console {
namespace {

constexpr size_t kMaxReasonBytes = 2'000;
constexpr size_t kMaxEntriesAtOnce = 1'000;
constexpr size_t kMaxFileBytes = 4u << 20;
constexpr std::string_view kHead =
    "# Exceptions made in the console; docs/context.md tells what they may say.\n";
constexpr std::string_view kSection = "exceptions:";

// A double-quoted scalar of YAML 1.2, in plain ASCII but for printable text.
std::string yaml_quote(std::string_view text) {
    std::string out = "\"";
    for (size_t i = 0; i < text.size();) {
        const uint32_t c = next_code_point(text, i);
        const bool is_plain = (c >= 0x20 && c < 0x7F) || (c >= 0xA1 && c < 0x2000 && c != 0xAD) ||
                              (c >= 0x3000 && c < 0xD800);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += static_cast<char>(c);
        } else if (is_plain) {
            append_utf8(out, c);
        } else {
            out += c <= 0xFFFF ? fmt::format("\\u{:04X}", c) : fmt::format("\\U{:08X}", c);
        }
    }
    return out + '"';
}

// A value of Sigma that means these very characters: wildcards lose their meaning.
std::string sigma_quote(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '*' || c == '?' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return yaml_quote(escaped);
}

// Texts of findings are cut at 1 KiB; of those only the beginning is asked for.
constexpr size_t kMaybeCut = 1021;

std::string member_yaml(std::string_view word, const std::string& text) {
    if (text.empty()) return fmt::format("{}: null", word);
    const std::string_view modifier = text.size() < kMaybeCut ? "" : "|startswith";
    return fmt::format("{}|cased{}: {}", word, modifier, sigma_quote(text));
}

std::string entities_yaml(const Entities& entities) {
    std::vector<std::string> members;
    if (entities.accounts == std::vector<std::string>{""}) {
        members.emplace_back("account: null");
    } else if (!entities.accounts.empty()) {
        std::vector<std::string> accounts;
        for (const std::string& account : entities.accounts)
            accounts.push_back(sigma_quote(account));
        members.push_back(fmt::format("account: [{}]", fmt::join(accounts, ", ")));
    }
    if (entities.principal) members.push_back(member_yaml("principal", *entities.principal));
    if (entities.source_ip) members.push_back(member_yaml("source_ip", *entities.source_ip));
    return fmt::format("{{{}}}", fmt::join(members, ", "));
}

bool names_somebody(const Entities& one) {
    return (one.principal && !one.principal->empty()) || (one.source_ip && !one.source_ip->empty());
}

bool is_narrow(const NewException& wanted) {
    if (!wanted.rules.empty()) return true;
    return !wanted.entities.empty() &&
           std::all_of(wanted.entities.begin(), wanted.entities.end(), names_somebody);
}

Result<void> check(const NewException& wanted, Timestamp now) {
    if (trim(wanted.reason).empty())
        return fail(Code::invalid, say(message::console_needs, "reason"));
    if (wanted.reason.size() > kMaxReasonBytes)
        return fail(Code::invalid, say(message::console_too_long, "reason", kMaxReasonBytes));
    if (wanted.owner.empty()) return fail(Code::invalid, say(message::console_needs, "owner"));
    if (wanted.expires <= now) return fail(Code::invalid, say(message::console_expires));
    if (!is_narrow(wanted)) return fail(Code::invalid, say(message::console_too_wide));
    return {};
}

Result<std::string> read_file(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return std::string();
    std::string text(kMaxFileBytes + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(stream.gcount()));
    if (text.size() > kMaxFileBytes)
        return fail(Code::limit, say(message::console_edit_by_hand, file.string()));
    return text;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return lines;
}

size_t indent_of(std::string_view line) {
    return std::min(line.find_first_not_of(' '), line.size());
}

bool says_something(std::string_view line) {
    const std::string_view text = trim(line);
    return !text.empty() && text[0] != '#';
}

// Lines [from, to) of the entry that begins in line `first` (from 1), "- " and all.
struct Lines {
    size_t from = 0;
    size_t to = 0;
};

Lines entry_lines(const std::vector<std::string_view>& lines, uint32_t first) {
    const size_t from = std::min<size_t>(first > 0 ? first - 1 : 0, lines.size());
    size_t to = std::min(from + 1, lines.size());
    const size_t indent = from < lines.size() ? indent_of(lines[from]) : 0;
    while (to < lines.size() && (!says_something(lines[to]) || indent_of(lines[to]) > indent)) ++to;
    // Comments and blank lines before the next entry are that one's.
    while (to > from + 1 && !says_something(lines[to - 1])) --to;
    return {from, to};
}

// Where the first key of an entry's line stands: behind "- ".
size_t key_column(std::string_view line) {
    const size_t at = indent_of(line);
    if (!line.substr(at).starts_with('-')) return at;
    return std::min(line.find_first_not_of(" -", at), line.size());
}

// The text of `when` within an entry, for people.
std::string when_text(const std::vector<std::string_view>& lines, const Lines& entry) {
    constexpr std::string_view kWhen = "when:";
    size_t i = entry.from;
    while (i < entry.to && !lines[i].substr(key_column(lines[i])).starts_with(kWhen)) ++i;
    if (i >= entry.to) return {};
    const size_t column = key_column(lines[i]);
    std::string out(trim(lines[i].substr(column + kWhen.size())));
    size_t shift = 0;  // what the lines below have in common
    for (++i; i < entry.to && (!says_something(lines[i]) || indent_of(lines[i]) > column); ++i) {
        if (!says_something(lines[i])) continue;
        if (shift == 0) shift = indent_of(lines[i]);
        if (!out.empty()) out += '\n';
        const std::string_view line = lines[i];
        out += line.substr(std::min(shift, indent_of(line)),
                           line.find_last_not_of("\r\n") + 1 - std::min(shift, indent_of(line)));
    }
    return out;
}

// Where new entries go: behind the line `exceptions:`, indented as the first entry there is.
struct Place {
    size_t line = 0;
    std::string indent = "  ";
};

Place place_in(std::string& text) {
    for (int attempt = 0;; ++attempt) {
        const auto lines = lines_of(text);
        for (size_t i = 0; i < lines.size(); ++i) {
            const bool is_section =
                lines[i].starts_with(kSection) && !says_something(lines[i].substr(kSection.size()));
            if (!is_section) continue;
            Place place{i + 1, "  "};
            for (size_t next = i + 1; next < lines.size(); ++next) {
                if (!says_something(lines[next])) continue;
                if (trim(lines[next]).starts_with('-'))
                    place.indent.assign(indent_of(lines[next]), ' ');
                break;
            }
            return place;
        }
        if (attempt > 0) return {lines.size(), "  "};
        if (text.empty()) text = kHead;
        if (!text.ends_with('\n')) text += '\n';
        text += std::string(kSection) + '\n';
    }
}

std::string joined(const std::vector<std::string_view>& lines, size_t from, size_t to) {
    std::string out;
    for (size_t i = from; i < to && i < lines.size(); ++i) out += lines[i];
    return out;
}

// Not used before: the time, and what it says.
std::string id_of(const NewException& wanted, Timestamp now, size_t number) {
    const std::string entry = entry_yaml(wanted, std::to_string(number), "");
    std::string stamp = format_iso8601(now).substr(0, 19);
    std::replace(stamp.begin(), stamp.end(), ':', '-');
    return fmt::format("console-{}-{:08x}", stamp, hash64(entry, to_micros(now)) >> 32);
}

}  // namespace

std::filesystem::path exceptions_file(const std::filesystem::path& lake) {
    return console_folder(lake) / "exceptions.yml";
}

std::vector<std::filesystem::path> policy_files(const std::filesystem::path& lake) {
    std::error_code ignored;
    const auto file = exceptions_file(lake);
    if (!std::filesystem::is_regular_file(file, ignored)) return {};
    return {file};
}

std::string entry_yaml(const NewException& wanted, std::string_view id, std::string_view indent) {
    std::string out;
    const auto line = [&](std::string_view lead, const std::string& text) {
        out += fmt::format("{}{}{}\n", indent, lead, text);
    };
    line("- ", "id: " + yaml_quote(id));
    line("  ", "owner: " + yaml_quote(wanted.owner));
    line("  ", "reason: " + yaml_quote(wanted.reason));
    line("  ", "expires: " + format_iso8601(wanted.expires));
    if (!wanted.rules.empty()) {
        line("  ", "rules:");
        for (const std::string& rule : wanted.rules) line("    ", "- " + sigma_quote(rule));
    }
    if (!wanted.entities.empty()) {
        line("  ", "when:");
        for (const Entities& one : wanted.entities) line("    ", "- " + entities_yaml(one));
    }
    return out;
}

Result<match::Policy> policy_of(const std::vector<NewException>& wanted, Timestamp now) {
    std::string text = std::string(kSection) + '\n';
    for (size_t i = 0; i < wanted.size(); ++i) {
        YAGURA_CHECK(check(wanted[i], now));
        text += entry_yaml(wanted[i], std::to_string(i), "  ");
    }
    rule::Context context;
    rule::Problems problems("", false);
    rule::read_context(text, {}, context, problems);
    for (const Diagnostic& mistake : problems.take()) return fail(Code::invalid, mistake.message);
    return std::move(context.policy);
}

ExceptionBook::Stamp ExceptionBook::stamp() const {
    struct stat status {};
    if (stat(exceptions_file(lake_).c_str(), &status) != 0) return {-2, 0, 0};
    return {status.st_size,
            status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
            status.st_ino};
}

Result<std::shared_ptr<const KnownExceptions>> ExceptionBook::load() {
    const Stamp now = stamp();
    if (known_ && now == stamp_) return known_;
    auto read = std::make_shared<KnownExceptions>();
    read->version = ++version_;
    YAGURA_TRY(const std::string text, read_file(exceptions_file(lake_)));
    if (!text.empty()) {
        auto context = rule::load_context({exceptions_file(lake_)});
        if (!context) read->mistake = context.error();
        const auto lines = lines_of(text);
        if (context) {
            for (match::Exception& exception : context->policy.exceptions) {
                const Lines entry = entry_lines(lines, exception.line);
                auto accounts = accounts_of(exception);
                read->items.push_back(
                    {std::move(exception), when_text(lines, entry), std::move(accounts)});
            }
        }
    }
    stamp_ = now;
    known_ = std::move(read);
    return known_;
}

Result<std::shared_ptr<const KnownExceptions>> ExceptionBook::current() {
    const std::lock_guard lock(mutex_);
    return load();
}

// `expected`: how many exceptions it must hold when it is read again.
Result<void> ExceptionBook::write(const std::string& text, size_t expected) {
    const auto file = exceptions_file(lake_);
    rule::Context context;
    rule::Problems problems(file.string(), false);
    rule::read_context(text, {}, context, problems);
    if (!problems.take().empty() || context.policy.exceptions.size() != expected)
        return fail(Code::invalid, say(message::console_edit_by_hand, file.string()));
    YAGURA_CHECK(store::make_folder(console_folder(lake_)));
    YAGURA_TRY(auto written, store::NewFile::create(file));
    YAGURA_CHECK(written.write(text));
    YAGURA_CHECK(written.publish());
    std::error_code ignored;
    using std::filesystem::perms;
    std::filesystem::permissions(file, perms::owner_read | perms::owner_write, ignored);
    return store::sync_folder(console_folder(lake_));
}

Result<std::vector<std::string>> ExceptionBook::add(const std::vector<NewException>& wanted,
                                                    Timestamp now) {
    if (wanted.size() > kMaxEntriesAtOnce)
        return fail(Code::invalid, say(message::console_too_many, kMaxEntriesAtOnce));
    for (const NewException& one : wanted) YAGURA_CHECK(check(one, now));
    const std::lock_guard lock(mutex_);
    YAGURA_TRY(const auto known, load());
    if (known->mistake) return *known->mistake;
    YAGURA_TRY(std::string text, read_file(exceptions_file(lake_)));
    const Place place = place_in(text);
    std::vector<std::string> ids;
    std::string entries;
    for (const NewException& one : wanted) {
        ids.push_back(id_of(one, now, ids.size()));
        entries += entry_yaml(one, ids.back(), place.indent);
    }
    const auto lines = lines_of(text);
    YAGURA_CHECK(
        write(joined(lines, 0, place.line) + entries + joined(lines, place.line, lines.size()),
              known->items.size() + wanted.size()));
    return ids;
}

Result<void> ExceptionBook::remove(std::string_view id) {
    const std::lock_guard lock(mutex_);
    YAGURA_TRY(const auto known, load());
    if (known->mistake) return *known->mistake;
    const auto found =
        std::find_if(known->items.begin(), known->items.end(), [&](const KnownException& one) {
            return one.exception.id == id;
        });
    if (found == known->items.end())
        return fail(Code::not_found, say(message::console_no_exception, id));
    YAGURA_TRY(const std::string text, read_file(exceptions_file(lake_)));
    const auto lines = lines_of(text);
    const Lines entry = entry_lines(lines, found->exception.line);
    if (entry.from >= lines.size() || !trim(lines[entry.from]).starts_with('-')) {
        return fail(Code::invalid,
                    say(message::console_edit_by_hand, exceptions_file(lake_).string()));
    }
    return write(joined(lines, 0, entry.from) + joined(lines, entry.to, lines.size()),
                 known->items.size() - 1);
}

}  // namespace yagura::console
