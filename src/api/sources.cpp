// /sources: every account, Region and log type that sends logs.
#include "api/asking.h"
#include "api/people_json.h"
#include "api/route.h"
#include "api/source_book.h"
#include "base/messages/live.h"
#include "console/console.h"

namespace yagura::api {
namespace {

void write_source(std::string& out, const SourceRow& source, std::string_view alias) {
    JsonObject row(out);
    row.text("log_type", source.log_type);
    write_text(row, out, "account", source.account);
    if (!alias.empty()) row.text("account_alias", alias);
    write_text(row, out, "region", source.region);
    write_time(row, "first", source.first);
    write_time(row, "last", source.last);
    row.number("events", source.events);
    row.number("events_24h", source.events_24h);
    if (source.expected_interval_seconds)
        row.real("expected_interval_seconds", *source.expected_interval_seconds);
    row.real("lag_seconds", source.lag_seconds);
    row.boolean("silent", source.silent);
    row.number("errors", source.errors);
    row.key("line");
    JsonList line(out);
    for (const uint64_t count : source.line) line.next() += std::to_string(count);
    line.close();
    row.close();
}

Result<http::Response> list_sources(Call& call) {
    if (!call.services.engines) return fail(Code::unsupported, say(message::live_no_questions));
    YAGURA_TRY(const TimeRange range, call.range());
    YAGURA_TRY(auto lease, quick_lease(call));
    YAGURA_TRY(
        const auto sources,
        read_sources(lease, call.services.lake, call.who.accounts, range, call.services.now()));
    std::shared_ptr<const console::Aliases::ByAccount> aliases;
    if (call.services.console) {
        YAGURA_TRY(aliases, call.services.console->aliases.all());
    }
    std::string out = "{\"items\":";
    JsonList items(out);
    for (const SourceRow& source : sources) {
        std::string_view alias;
        if (aliases) {
            const auto known = aliases->find(source.account);
            if (known != aliases->end()) alias = known->second.alias;
        }
        write_source(items.next(), source, alias);
    }
    items.close();
    return private_json(out + "}");
}

// clang-format off
constexpr Parameter kParameters[] = {
    {.name = "from", .title = {"Start (ISO 8601)", "開始（ISO 8601）"}},
    {.name = "to", .title = {"End (ISO 8601), exclusive", "終了（ISO 8601、この時刻を含まない）"}},
    {.name = "since", .title = {"Span up to now: 24h, 7d", "現在までの期間（24h、7d など）"}},
};

constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/sources", .role = Role::viewer,
     .summary = {"Accounts, Regions and log types that send logs", "ログの送信元（アカウント、リージョン、ログ種別）"}, .parameters = kParameters,
     .answer = "SourceList", .handle = list_sources},
};
// clang-format on

}  // namespace

extern const Resource sources;
const Resource sources{"sources", kRoutes};

}  // namespace yagura::api
