#include "api/finding_request.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "api/finding_json.h"
#include "api/people_json.h"
#include "base/messages/console.h"
#include "base/text.h"
#include "console/console.h"

namespace yagura::api {
namespace {

Error unknown(std::string_view name, std::string_view value, std::string_view known) {
    return {Code::invalid, say(message::console_unknown_value, name, printable(value), known)};
}

// Every word of a parameter that may stand several times and hold commas.
std::vector<std::string> words_of(const Call& call, std::string_view name) {
    std::vector<std::string> out;
    for (const auto& [key, value] : call.request.parameters) {
        if (key != name) continue;
        for (const std::string_view word : split(value, ','))
            if (!word.empty()) out.emplace_back(word);
    }
    return out;
}

// The same for values that may hold commas themselves: what is known as a whole is one.
std::vector<std::string> values_of(const Call& call,
                                   std::string_view name,
                                   const console::Names& known) {
    std::vector<std::string> out;
    for (const auto& [key, value] : call.request.parameters) {
        if (key != name || value.empty()) continue;
        if (known.find(value)) {
            out.push_back(value);
            continue;
        }
        for (const std::string_view word : split(value, ',')) out.emplace_back(word);
    }
    return out;
}

Result<void> read_statuses(const Call& call, console::FindingFilter& filter) {
    filter.any_status = true;
    for (const std::string& word : words_of(call, "status")) {
        if (word == "all") continue;
        filter.any_status = false;
        if (word == "open") {
            filter.only_open = true;
            continue;
        }
        const auto status = console::status_from_name(word);
        if (!status)
            return unknown("status", word, "new, acknowledged, suppressed, closed, open, all");
        filter.statuses.push_back(*status);
    }
    return {};
}

// What came since the last visit of who asks; on the first visit nothing is new.
Result<void> read_new(const Call& call, console::FindingFilter& filter) {
    const std::string_view wanted = call.request.parameter("new").value_or("");
    if (wanted.empty() || wanted == "0") return {};
    const auto novelty = console::novelty_from_name(wanted);
    if (!novelty) return unknown("new", wanted, "0, 1, rule, principal");
    filter.novelty = *novelty;
    YAGURA_TRY(console::Console * console, console_of(call));
    YAGURA_TRY(const auto mark, console->visits.before(call.who.name));
    filter.newer_than = mark ? mark->last_finding : std::numeric_limits<int64_t>::max();
    return {};
}

Result<void> read_order(const Call& call, console::FindingFilter& filter) {
    const auto sort = call.request.parameter("sort").value_or("score");
    const auto known = console::sort_from_name(sort);
    if (!known) return unknown("sort", sort, "score, last, first, count, rarest, level");
    filter.sort = *known;
    const std::string_view own = filter.sort == console::FindingSort::rarest ? "asc" : "desc";
    std::string_view order = call.request.parameter("order").value_or(own);
    if (order.empty()) order = own;
    if (order != "asc" && order != "desc") return unknown("order", order, "asc, desc");
    filter.ascending = order != own;
    return {};
}

}  // namespace

Result<console::FindingFilter> read_filter(const Call& call, const console::Sight& sight) {
    console::FindingFilter filter;
    YAGURA_CHECK(read_statuses(call, filter));
    for (const std::string& word : words_of(call, "level")) {
        const auto level = match::level_from_name(word);
        if (!level) return unknown("level", word, "informational, low, medium, high, critical");
        filter.levels.push_back(*level);
    }
    for (const std::string& word : words_of(call, "tactic")) {
        const auto tactic = finding::find_tactic(word);
        if (!tactic) return unknown("tactic", word, "TA0001, …, initial-access, …");
        filter.tactics.push_back(*tactic);
    }
    const console::Catalogue& catalogue = *sight.catalogue;
    filter.rules = values_of(call, "rule", catalogue.rules);
    filter.accounts = values_of(call, "account", catalogue.accounts);
    filter.principals = values_of(call, "principal", catalogue.principals);
    filter.addresses = values_of(call, "source_ip", catalogue.addresses);
    filter.resources = values_of(call, "resource", catalogue.resources);
    filter.types = words_of(call, "type");
    filter.text = call.request.parameter("text").value_or("");
    if (const auto assignee = call.request.parameter("assignee")) filter.assignee = *assignee;
    YAGURA_TRY(filter.range, call.range());
    YAGURA_CHECK(read_new(call, filter));
    YAGURA_CHECK(read_order(call, filter));
    constexpr uint64_t kMostOffset = 1'000'000;
    YAGURA_TRY(filter.limit, call.number("limit", 100, 1000));
    YAGURA_TRY(filter.offset, call.number("offset", 0, kMostOffset));
    return filter;
}

Result<std::vector<uint32_t>> read_findings(const http::Json& body, const console::Sight& sight) {
    std::vector<uint32_t> places;
    const auto ids = body.texts("ids");
    if (ids.empty()) return fail(Code::invalid, say(message::console_needs, "ids"));
    if (ids.size() > console::kMaxSubjects)
        return fail(Code::invalid, say(message::console_too_many, console::kMaxSubjects));
    for (const std::string& id : ids) {
        const auto place = sight.find(id);
        if (!place) return fail(Code::not_found, say(message::console_no_finding));
        places.push_back(*place);
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    return places;
}

Result<int64_t> read_number_id(const http::Json& body, std::string_view key) {
    if (const auto number = body.integer(key)) return *number;
    const std::string_view text = body.text(key);
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return fail(Code::invalid, say(message::console_needs, key));
    return value;
}

}  // namespace yagura::api
