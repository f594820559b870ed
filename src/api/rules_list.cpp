// GET /rules: filters, counts for filters, order.
#include <algorithm>
#include <array>
#include <map>

#include "api/people_json.h"
#include "api/rules.h"
#include "base/messages/desk.h"
#include "base/text.h"

namespace yagura::api {

using desk::Entry;
using http::Response;

namespace {

struct Listed {
    const Entry* entry;
    RuleRows::Hits hits;
    std::optional<double> cost;
};

std::string_view enabled_name(const Entry& entry) {
    return entry.disabled ? "false" : "true";
}

std::string_view state_name(const Entry& entry) {
    if (entry.disabled) return "off";
    return entry.mistake.empty() ? "on" : "broken";
}

std::string_view hits_name(const RuleRows::Hits& hits) {
    if (hits.day.value_or(0) > 0) return "24h";
    if (hits.week.value_or(0) > 0) return "7d";
    return hits.total.value_or(0) > 0 ? "older" : "none";
}

// A facet: the parameter, and what a rule says to it.
struct Facet {
    std::string_view name;
    std::string (*value)(const Listed&);
};
constexpr Facet kFacets[] = {
    {"level",
     [](const Listed& each) { return std::string(match::level_name(each.entry->info().level)); }},
    {"status", [](const Listed& each) { return each.entry->info().status; }},
    {"kind", [](const Listed& each) { return std::string(desk::kind_name(each.entry->kind)); }},
    {"source", [](const Listed& each) { return each.entry->rule.source; }},
    {"enabled", [](const Listed& each) { return std::string(enabled_name(*each.entry)); }},
    {"custom",
     [](const Listed& each) { return std::string(each.entry->is_custom ? "true" : "false"); }},
    {"origin", [](const Listed& each) { return std::string(origin_of(*each.entry)); }},
    {"tuned", [](const Listed& each) { return std::string(each.entry->tuned ? "true" : "false"); }},
    {"state", [](const Listed& each) { return std::string(state_name(*each.entry)); }},
    {"hits", [](const Listed& each) { return std::string(hits_name(each.hits)); }},
};
constexpr size_t kFacetCount = std::size(kFacets);

class Selection {
  public:
    explicit Selection(const Call& call)
        : text_(fold_case(call.request.parameter("text").value_or(""))) {
        for (size_t i = 0; i < kFacetCount; ++i) {
            const std::string_view wanted = call.request.parameter(kFacets[i].name).value_or("");
            if (wanted.empty()) continue;
            for (const std::string_view each : split(wanted, ',')) wanted_[i].emplace_back(each);
        }
        if (const auto name = call.request.parameter("log_type")) type_ = logtype::find(*name);
        const std::string_view blocks = call.request.parameter("blocks").value_or("");
        if (blocks == "hide") blocks_ = false;
        if (blocks == "only") blocks_ = true;
        is_type_unknown_ = call.request.parameter("log_type").value_or("").size() > 0 && !type_;
    }

    // Whether every filter but the one of `facet` lets it pass.
    bool passes(const Listed& each, size_t facet = SIZE_MAX) const {
        if (blocks_ && each.entry->is_building_block() != *blocks_) return false;
        return passes_filters(each, facet);
    }

    // The same, whether building blocks are asked for or not.
    bool passes_filters(const Listed& each, size_t facet = SIZE_MAX) const {
        for (size_t i = 0; i < kFacetCount; ++i) {
            if (i == facet || wanted_[i].empty()) continue;
            const std::string value = kFacets[i].value(each);
            if (std::find(wanted_[i].begin(), wanted_[i].end(), value) == wanted_[i].end())
                return false;
        }
        return is_about_type(*each.entry) && (text_.empty() || mentions(each.entry->info()));
    }

  private:
    bool is_about_type(const Entry& entry) const {
        if (is_type_unknown_) return false;
        const auto covers = [&](const match::Rule* rule) {
            return rule->source.covers(type_->logsource);
        };
        return !type_ || std::any_of(entry.rule.rules.begin(), entry.rule.rules.end(), covers);
    }
    bool mentions(const match::RuleInfo& info) const {
        const auto holds = [&](const std::string& text) {
            return fold_case(text).find(text_) != std::string::npos;
        };
        return holds(info.title) || holds(info.title_ja) || holds(info.id) || holds(info.author) ||
               holds(info.description) || holds(info.description_ja) || holds(info.name) ||
               std::any_of(info.tags.begin(), info.tags.end(), holds);
    }

    std::string text_;
    std::array<std::vector<std::string>, kFacetCount> wanted_;
    const logtype::LogType* type_ = nullptr;
    std::optional<bool> blocks_;  // building blocks only, or none
    bool is_type_unknown_ = false;
};

struct Order {
    std::string_view name;
    bool descends;  // unless told otherwise
    bool (*less)(const Listed& a, const Listed& b);
};
constexpr Order kOrders[] = {
    {"level",
     true,
     [](const Listed& a, const Listed& b) {
         return a.entry->info().level < b.entry->info().level;
     }},
    {"title",
     false,
     [](const Listed& a, const Listed& b) {
         return fold_case(title_of(a.entry->info())) < fold_case(title_of(b.entry->info()));
     }},
    {"status",
     false,
     [](const Listed& a, const Listed& b) {
         return a.entry->info().status < b.entry->info().status;
     }},
    {"source",
     false,
     [](const Listed& a, const Listed& b) { return a.entry->rule.source < b.entry->rule.source; }},
    {"kind", false, [](const Listed& a, const Listed& b) { return a.entry->kind < b.entry->kind; }},
    {"hits_24h", true, [](const Listed& a, const Listed& b) { return a.hits.day < b.hits.day; }},
    {"hits_7d", true, [](const Listed& a, const Listed& b) { return a.hits.week < b.hits.week; }},
    {"hits_total",
     true,
     [](const Listed& a, const Listed& b) { return a.hits.total < b.hits.total; }},
    {"cost", true, [](const Listed& a, const Listed& b) { return a.cost < b.cost; }},
    {"author",
     false,
     [](const Listed& a, const Listed& b) {
         return fold_case(a.entry->info().author) < fold_case(b.entry->info().author);
     }},
    {"origin",
     false,
     [](const Listed& a, const Listed& b) { return origin_of(*a.entry) < origin_of(*b.entry); }},
    {"error",
     true,
     [](const Listed& a, const Listed& b) {
         return !a.entry->mistake.empty() < !b.entry->mistake.empty();
     }},
    {"enabled",
     false,
     [](const Listed& a, const Listed& b) {
         return (a.entry->disabled != nullptr) < (b.entry->disabled != nullptr);
     }},
};

Result<void> sort(const Call& call, std::vector<Listed>& rules) {
    const std::string_view wanted = call.request.parameter("sort").value_or("level");
    const auto by_title = kOrders[1].less;
    std::sort(rules.begin(), rules.end(), by_title);
    for (const Order& order : kOrders) {
        if (order.name != wanted) continue;
        const std::string_view way = call.request.parameter("order").value_or("");
        const bool descends = way.empty() ? order.descends : way == "desc";
        std::stable_sort(rules.begin(), rules.end(), [&](const Listed& a, const Listed& b) {
            return descends ? order.less(b, a) : order.less(a, b);
        });
        return {};
    }
    return fail(Code::invalid, say(message::desk_unknown_order, wanted));
}

void write_facets(std::string& out, const Selection& selection, const std::vector<Listed>& all) {
    JsonObject facets(out);
    for (size_t i = 0; i < kFacetCount; ++i) {
        std::map<std::string, uint64_t> counts;
        for (const Listed& each : all)
            if (selection.passes(each, i)) ++counts[kFacets[i].value(each)];
        facets.key(kFacets[i].name);
        JsonList values(out);
        for (const auto& [value, count] : counts) {
            JsonObject row(values.next());
            write_text(row, out, "value", value);
            row.number("count", count);
            row.close();
        }
        values.close();
    }
    facets.close();
}

}  // namespace

Result<Response> list_rules(Call& call) {
    YAGURA_TRY(const uint64_t limit, call.number("limit", 100, 1000));
    YAGURA_TRY(const uint64_t offset, call.number("offset", 0, uint64_t{1} << 40));
    YAGURA_TRY(const RuleRows rows, RuleRows::of(call));
    std::vector<Listed> all;
    for (const Entry& entry : rows.shelf().entries) {
        std::optional<double> nanoseconds;
        if (const auto cost = rows.cost_of(entry)) nanoseconds = cost->nanoseconds_per_event;
        all.push_back({&entry, rows.hits_of(entry), nanoseconds});
    }
    const Selection selection(call);
    std::vector<Listed> chosen;
    uint64_t blocks = 0;
    for (const Listed& each : all) {
        if (selection.passes(each)) chosen.push_back(each);
        blocks += each.entry->is_building_block() && selection.passes_filters(each);
    }
    YAGURA_CHECK(sort(call, chosen));
    std::string out;
    JsonObject answer(out);
    answer.key("items");
    JsonList items(out);
    for (size_t i = offset; i < chosen.size() && i < offset + limit; ++i) {
        JsonObject row(items.next());
        rows.write(row, out, *chosen[i].entry);
        row.close();
    }
    items.close();
    answer.number("total", chosen.size());
    answer.number("blocks", blocks);
    answer.number("problems", rows.shelf().mistakes.size());
    answer.key("facets");
    write_facets(out, selection, all);
    answer.close();
    return Response::json(std::move(out));
}

}  // namespace yagura::api
