// GET /stream: what comes, as it comes (server-sent events).
#include "api/live_hub.h"
#include "api/route.h"
#include "base/messages/live.h"
#include "base/text.h"

namespace yagura::api {
namespace {

std::vector<std::string> words_of(const http::Request& request, std::string_view name) {
    std::vector<std::string> words;
    for (const auto& [key, value] : request.parameters) {
        if (key != name) continue;
        for (const std::string_view word : split(value, ','))
            if (!word.empty()) words.emplace_back(word);
    }
    return words;
}

Result<http::Response> open_stream(Call& call) {
    if (!call.services.hub) return fail(Code::unsupported, say(message::live_none));
    LiveHub::Wish wish;
    for (const std::string& topic : words_of(call.request, "topics")) {
        wish.counters = wish.counters || topic == "counters";
        wish.findings = wish.findings || topic == "findings";
        wish.events = wish.events || topic == "events";
    }
    if (!wish.counters && !wish.findings && !wish.events)
        return fail(Code::invalid, say(message::live_topics));
    wish.filter = call.request.parameter("filter").value_or("");
    wish.types = words_of(call.request, "types");
    wish.columns = words_of(call.request, "columns");
    const auto is_no_name = [](const std::string& name) {
        return name.find_first_of("`\r\n") != std::string::npos;
    };
    std::erase_if(wish.columns, is_no_name);
    if (wish.columns.size() > LiveHub::kMostColumns) wish.columns.resize(LiveHub::kMostColumns);
    wish.scope = call.who.accounts;
    wish.may_read = [identify = call.services.identify, request = call.request, who = call.who] {
        const auto now = identify(request);
        return now && *now && (*now)->name == who.name && (*now)->accounts == who.accounts;
    };
    wish.language = language();
    YAGURA_TRY(auto stream, call.services.hub->open(wish));
    return http::Response::event_stream(std::move(stream));
}

// clang-format off
constexpr Parameter kParameters[] = {
    {.name = "topics", .title = {"counters, findings, events; separated by commas", "counters、findings、events をコンマ区切りで指定"}, .is_required = true},
    {.name = "filter", .title = {"Condition of the query language for events", "イベントを絞り込む条件（クエリ言語）"}},
    {.name = "columns", .title = {"Fields of each event, separated by commas", "各イベントのフィールド（コンマ区切り）"}},
    {.name = "types", .title = {"Log types for events, separated by commas", "イベントのログ種別（コンマ区切り）"}},
};

constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/stream", .role = Role::viewer,
     .summary = {"Counters, findings and events as they come", "件数、検出結果、イベントの配信"}, .parameters = kParameters, .answer = "News",
     .answer_type = "text/event-stream", .handle = open_stream},
};
// clang-format on

}  // namespace

extern const Resource stream;
const Resource stream{"stream", kRoutes};

}  // namespace yagura::api
