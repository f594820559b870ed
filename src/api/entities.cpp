// GET /entities/{kind}/{value}: everything the lake knows about one of them.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "api/entity_question.h"
#include "api/finding_json.h"
#include "api/people_json.h"
#include "base/ip.h"
#include "base/messages/console.h"
#include "base/text.h"
#include "console/finding_list.h"
#include "logtype/resource.h"

namespace yagura::api {
namespace {

using http::Response;

constexpr size_t kMostValues = 20;
constexpr size_t kMostFindings = 50;
constexpr size_t kLongestValue = 4096;
constexpr std::chrono::hours kWeek{24 * 7};

template <class Map, class Weight>
auto most(const Map& counts, Weight&& weight) {
    std::vector<std::pair<std::string_view, typename Map::mapped_type>> out(counts.begin(),
                                                                            counts.end());
    std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
        return weight(a.second) > weight(b.second);
    });
    if (out.size() > kMostValues) out.resize(kMostValues);
    return out;
}

void write_counts(JsonObject& answer,
                  std::string& out,
                  std::string_view name,
                  std::string_view value_name,
                  const Counts& counts) {
    answer.key(name);
    JsonList list(out);
    for (const auto& [value, count] : most(counts, [](uint64_t n) { return n; })) {
        JsonObject row(list.next());
        row.text(value_name, value);
        row.number("count", count);
        row.close();
    }
    list.close();
}

void write_apis(JsonObject& answer, std::string& out, const EntityNumbers& numbers) {
    answer.key("apis");
    JsonList list(out);
    const auto calls = [](const ApiCount& api) { return api.success + api.failed; };
    for (const auto& [name, api] : most(numbers.apis, calls)) {
        JsonObject row(list.next());
        row.text("name", name);
        row.number("success", api.success);
        row.number("failed", api.failed);
        row.close();
    }
    list.close();
}

void write_line(JsonObject& answer, std::string& out, const EntityLine& line) {
    answer.key("line");
    JsonObject row(out);
    row.integer("bucket_seconds", line.bucket.count());
    row.key("starts");
    JsonList starts(out);
    for (size_t i = 0; i < line.counts.size(); ++i)
        append_json(starts.next(),
                    format_iso8601(line.from + line.bucket * static_cast<int64_t>(i)));
    starts.close();
    row.raw("counts", fmt::format("[{}]", fmt::join(line.counts, ",")));
    row.raw("failed", fmt::format("[{}]", fmt::join(line.failed, ",")));
    row.close();
}

// "ROLE/SESSION" of arn:aws:sts::111122223333:assumed-role/ROLE/SESSION, and "NAME" of a user's:
// how findings call who did it.
std::string name_in(std::string_view arn) {
    if (!arn.starts_with("arn:")) return std::string(arn);
    for (const std::string_view part : {":assumed-role/", ":user/", ":role/"}) {
        const size_t at = arn.find(part);
        if (at != std::string_view::npos) return std::string(arn.substr(at + part.size()));
    }
    return std::string(arn);
}

// The role sessions of an instance are named after it; those that were found doing something are
// known without looking.
EntityNames names_of(const console::Sight& sight,
                     const EntityKind& kind,
                     const std::string& value) {
    constexpr size_t kMostSessions = 20;
    EntityNames out{value};
    if (kind.name != "instance") return out;
    std::set<uint32_t> known;
    for (const store::Placed& placed : sight.ranking->order) {
        const console::BoardFinding& finding = sight.finding(placed.place);
        const std::string& principal = finding.kept.principal;
        const bool is_session = principal.size() > value.size() && principal.ends_with(value) &&
                                principal[principal.size() - value.size() - 1] == '/';
        if (is_session && known.size() < kMostSessions && known.insert(finding.principal).second)
            out.principals.push_back(principal);
    }
    return out;
}

// The resources of findings that have their page here.
std::vector<std::string> resources_of(const console::Sight& sight,
                                      const EntityKind& kind,
                                      std::string_view name) {
    std::vector<std::string> out;
    const console::Names& known = sight.catalogue->resources;
    for (uint32_t i = 0; i < known.size(); ++i) {
        const logtype::ResourceView resource = logtype::parse_resource(known.text(i));
        if (resource.name == name && logtype::resource_entity(resource.kind) == kind.name)
            out.push_back(known.text(i));
    }
    return out;
}

// By who did it: findings name principals, addresses and accounts; those of a key or a session are
// those of the principals that used it.
std::vector<uint32_t> findings_by(const console::Sight& sight,
                                  const EntityKind& kind,
                                  const EntityNames& names,
                                  const EntityNumbers& numbers) {
    console::FindingFilter filter;
    filter.any_status = true;
    if (kind.name == "address") {
        filter.addresses = {names.value};
    } else if (kind.name == "account") {
        filter.accounts = {names.value};
    } else if (kind.name == "principal") {
        filter.principals = {names.value, name_in(names.value)};
    } else if (kind.name == "key" || kind.name == "session") {
        filter.principals = {name_in(names.value)};
        for (const auto& [principal, count] : numbers.principals)
            filter.principals.push_back(principal);
    } else if (kind.name == "role") {
        for (const auto& [principal, count] : numbers.principals)
            if (principal.starts_with(names.value + '/')) filter.principals.push_back(principal);
        if (filter.principals.empty()) return {};
    } else if (!names.principals.empty()) {
        filter.principals = names.principals;
    } else {
        return {};
    }
    return console::matching_findings(sight, filter);
}

// By who did it and by what it was done to, the highest ranked first.
std::vector<uint32_t> findings_of(const console::Sight& sight,
                                  const EntityKind& kind,
                                  const EntityNames& names,
                                  const EntityNumbers& numbers) {
    std::vector<uint32_t> by = findings_by(sight, kind, names, numbers);
    console::FindingFilter filter;
    filter.any_status = true;
    filter.resources = resources_of(sight, kind, names.value);
    if (!filter.resources.empty()) {
        const std::vector<uint32_t> about = console::matching_findings(sight, filter);
        by.insert(by.end(), about.begin(), about.end());
    }
    std::set<uint32_t> wanted(by.begin(), by.end());
    std::vector<uint32_t> out;
    for (const store::Placed& placed : sight.ranking->order)
        if (out.size() < kMostFindings && wanted.erase(placed.place) > 0)
            out.push_back(placed.place);
    return out;
}

// What an address is by itself. Countries would need data nobody has installed.
void write_address(JsonObject& answer, std::string_view kind, std::string_view value) {
    if (kind != "address") return;
    if (const auto address = IpAddress::parse(value)) {
        answer.boolean("is_private", address->is_private());
        return;
    }
    // CloudTrail writes the name of a service that called on somebody's behalf.
    if (value.ends_with(".amazonaws.com") || value == "AWS Internal")
        answer.boolean("aws_owned", true);
}

void write_notes(JsonObject& answer,
                 std::string& out,
                 std::string_view kind,
                 const EntityNumbers& numbers,
                 bool is_asked) {
    std::vector<std::string> notes;
    notes.push_back(say(is_asked ? message::console_line_asked : message::console_line_to_newest));
    if (kind == "address") notes.push_back(say(message::console_no_places));
    if (numbers.is_cut) notes.push_back(say(message::console_counts_cut));
    answer.key("notes");
    append_json_list(out, notes);
}

// The time the line covers: what was asked for, or the week up to the newest event.
TimeRange line_range(const TimeRange& asked, const EntityNumbers& numbers, Timestamp now) {
    const Timestamp newest = numbers.last.value_or(now);
    const Timestamp to = asked.to.value_or(newest + std::chrono::microseconds(1));
    return {asked.from.value_or(to - kWeek), to};
}

Result<Response> show_entity(Call& call) {
    const EntityKind* kind = find_entity_kind(call.part("kind"));
    if (!kind) {
        std::vector<std::string_view> names;
        for (const EntityKind& known : entity_kinds()) names.push_back(known.name);
        return fail(Code::not_found,
                    say(message::console_entity_kind,
                        printable(call.part("kind")),
                        fmt::format("{}", fmt::join(names, ", "))));
    }
    const std::string value(call.part("value"));
    if (value.empty() || value.size() > kLongestValue)
        return fail(Code::invalid, say(message::console_too_long, "value", kLongestValue));
    if (!call.services.engines) return fail(Code::unsupported, say(message::console_none));
    YAGURA_TRY(const TimeRange asked, call.range());
    YAGURA_TRY(const FindingWriter findings, FindingWriter::of(call));
    const Timestamp now = call.services.now();
    YAGURA_TRY(auto lease,
               call.services.engines->lease({.person = call.who.name,
                                             .scope = call.who.accounts,
                                             .weight = query::Weight::quick,
                                             .id = {},
                                             .cancellation = {}}));
    const EntityNames names = names_of(findings.sight(), *kind, value);
    YAGURA_TRY(const EntityNumbers numbers, ask_entity(lease, *kind, names, asked, now));
    const TimeRange range = line_range(asked, numbers, now);
    YAGURA_TRY(const EntityLine line,
               ask_entity_line(lease, *kind, names, *range.from, *range.to, now));

    std::string out;
    JsonObject answer(out);
    answer.text("kind", kind->name);
    answer.text("value", value);
    write_address(answer, kind->name, value);
    write_time(answer, "first", numbers.first);
    write_time(answer, "last", numbers.last);
    answer.number("events", numbers.events);
    write_counts(answer, out, "log_types", "name", numbers.log_types);
    write_apis(answer, out, numbers);
    write_line(answer, out, line);
    write_counts(answer, out, "accounts", "value", numbers.accounts);
    write_counts(answer, out, "regions", "value", numbers.regions);
    write_counts(answer, out, "principals", "value", numbers.principals);
    write_counts(answer, out, "addresses", "value", numbers.addresses);
    write_counts(answer, out, "keys", "value", numbers.keys);
    write_counts(answer, out, "user_agents", "value", numbers.user_agents);
    write_counts(answer, out, "errors", "value", numbers.errors);
    answer.key("findings");
    JsonList list(out);
    for (const uint32_t place : findings_of(findings.sight(), *kind, names, numbers))
        findings.write(list.next(), place);
    list.close();
    write_notes(answer, out, kind->name, numbers, asked.from || asked.to);
    answer.close();
    return private_json(std::move(out));
}

// clang-format off
constexpr Parameter kParameters[] = {
    {.name = "from", .title = {"only events at or after this time", "この時刻以降のイベントのみ"}},
    {.name = "to", .title = {"only events before this time", "この時刻より前のイベントのみ"}},
    {.name = "since", .title = {"instead of from: 24h", "from の代わり（24h など）"}},
};
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/entities/{kind}/{value}", .role = Role::viewer,
     .summary = {"What one address, principal, key, session, instance, bucket, account or user agent did", "アドレス・プリンシパル・キー・セッション・インスタンス・バケット・アカウント・ユーザーエージェントの活動"},
     .parameters = kParameters, .answer = "Entity", .handle = show_entity},
};
// clang-format on

}  // namespace

extern const Resource entities;
const Resource entities{"entities", kRoutes};

}  // namespace yagura::api
