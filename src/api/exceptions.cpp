// /exceptions: what is not told, by whose decision and until when.
#include "api/audited.h"
#include "api/finding_json.h"
#include "api/people_json.h"
#include "api/rules.h"
#include "base/messages/console.h"
#include "console/console.h"

namespace yagura::api {
namespace {

using console::KnownException;
using http::Response;

// A pattern as people write it: the wildcards of match/ are bytes that no text has.
std::string shown_pattern(const std::string& pattern) {
    std::string out;
    for (const char c : pattern) {
        if (c == match::kAnyRun || c == match::kAnyOne) {
            out += c == match::kAnyRun ? '*' : '?';
        } else {
            out += c;
        }
    }
    return out;
}

// Events of the findings each exception covers, for who asks.
std::vector<uint64_t> hits_of(const console::Sight& sight) {
    std::vector<uint64_t> hits(sight.standings->exceptions->items.size());
    for (size_t i = 0; i < hits.size(); ++i)
        for (const uint32_t place : sight.standings->covered[i])
            if (sight.ranking->visible[place]) hits[i] += sight.finding(place).kept.count;
    return hits;
}

// The titles of the rules, in their order; empty where none has that id.
void write_titles(std::string& out, const match::Exception& exception, const desk::Shelf* shelf) {
    JsonList titles(out);
    for (const std::string& rule : exception.choice.rules) {
        const desk::Entry* entry = shelf ? shelf->find(rule) : nullptr;
        append_json(titles.next(), entry ? title_of(entry->info()) : std::string_view());
    }
    titles.close();
}

void write_exception(std::string& out,
                     const KnownException& known,
                     uint64_t hits,
                     Timestamp now,
                     const desk::Shelf* shelf) {
    const match::Exception& exception = known.exception;
    JsonObject row(out);
    row.text("id", exception.id);
    write_text(row, out, "owner", exception.owner);
    write_text(row, out, "reason", exception.reason);
    write_time(row, "expires", exception.expires);
    row.text("mode", exception.only_counts ? "count" : "suppress");
    row.key("rules");
    JsonList rules(out);
    for (const std::string& rule : exception.choice.rules)
        append_json(rules.next(), shown_pattern(rule));
    rules.close();
    row.key("titles");
    write_titles(out, exception, shelf);
    row.key("tags");
    append_json_list(out, exception.choice.tags);
    write_text(row, out, "when", known.when);
    row.number("hits", hits);
    row.boolean("expired", exception.expires && *exception.expires <= now);
    row.close();
}

Result<Response> list_exceptions(Call& call) {
    YAGURA_TRY(console::Console * console, console_of(call));
    const Timestamp now = call.services.now();
    YAGURA_TRY(const console::Sight sight, console->board.sight(call.who.accounts, now));
    const auto& known = *sight.standings->exceptions;
    const std::vector<uint64_t> hits = hits_of(sight);
    const auto shelf = call.services.rules ? call.services.rules->shelf() : nullptr;
    std::string out;
    JsonObject answer(out);
    answer.key("items");
    JsonList items(out);
    for (size_t i = 0; i < known.items.size(); ++i)
        if (may_see(known.items[i], call.who.accounts))
            write_exception(items.next(), known.items[i], hits[i], now, shelf.get());
    items.close();
    if (known.mistake && call.who.accounts.is_all())
        answer.text("mistake", known.mistake->sentence());
    answer.close();
    return private_json(std::move(out));
}

Result<Response> remove_exception(Call& call) {
    YAGURA_TRY(console::Console * console, console_of(call));
    YAGURA_TRY(const auto known, console->exceptions.current());
    const std::string_view id = call.part("id");
    bool is_there = false;
    for (const KnownException& one : known->items)
        is_there |= one.exception.id == id && may_see(one, call.who.accounts);
    if (!is_there) return fail(Code::not_found, say(message::console_no_exception, id));
    YAGURA_CHECK(console->exceptions.remove(id));
    YAGURA_CHECK(audit(call, "exception.remove", id));
    return private_json("{}");
}

// clang-format off
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/exceptions", .role = Role::viewer,
     .summary = {"Exceptions made in the console", "コンソールで作成した例外"}, .answer = "ExceptionList", .handle = list_exceptions},
    {.method = Method::del, .path = "/exceptions/{id}", .role = Role::responder,
     .summary = {"End an exception", "例外を取りやめる"}, .handle = remove_exception},
};
// clang-format on

}  // namespace

extern const Resource exceptions;
const Resource exceptions{"exceptions", kRoutes};

}  // namespace yagura::api
