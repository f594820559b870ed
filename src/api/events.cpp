// GET /events/{object_id}/{ordinal}: one event with everything that is known about it.
#include <charconv>

#include "api/asking.h"
#include "api/explained.h"
#include "base/messages/api.h"
#include "base/text.h"
#include "desk/desk.h"
#include "pipeline/sample.h"
#include "store/schema.h"

namespace yagura::api {
namespace {

std::optional<int64_t> number_of(std::string_view text) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

// The rules of one moment, kept as long as the answer is written.
class Rules {
  public:
    explicit Rules(const Services& services) {
        if (!services.rules) return;
        shelf_ = services.rules->shelf();
        for (const auto& rule : shelf_->all->rules) rules_.push_back(&rule);
    }
    std::span<const match::Rule* const> all() const { return rules_; }
    const match::RuleInfo* find(std::string_view id) const {
        const desk::Entry* entry = shelf_ ? shelf_->find(id) : nullptr;
        return entry ? &entry->info() : nullptr;
    }

  private:
    std::shared_ptr<const desk::Shelf> shelf_;
    std::vector<const match::Rule*> rules_;
};

void append_fields(std::string& out, const query::EventRow& event) {
    const store::Schema& schema = store::schema_of(*event.type);
    JsonList list(out);
    for (size_t i = 0; i < event.cells.size(); ++i) {
        const store::ColumnSpec& column = schema.columns()[i];
        if (column.slot < 0 || sql::is_null(event.cells[i])) continue;
        const event::Field& field = event.type->fields[static_cast<size_t>(column.slot)];
        JsonObject one(list.next());
        put_text(one, out, "name", field.name);
        put_text(one, out, "column", field.column);
        if (!field.ecs.empty()) put_text(one, out, "ecs", field.ecs);
        put_text(one, out, "title", field.sentence.in(language()));
        put_text(one, out, "type", event::type_name(field.type));
        one.key("value");
        append_cell(out, event.cells[i]);
        one.close();
    }
    const auto extra = schema.common().extra;
    if (extra < event.cells.size() && !sql::is_null(event.cells[extra])) {
        JsonObject one(list.next());
        put_text(one, out, "name", "extra");
        put_text(one, out, "column", "extra");
        put_text(one, out, "title", say(message::api_extra));
        put_text(one, out, "type", "json");
        one.key("value");
        append_cell(out, event.cells[extra]);
        one.close();
    }
    list.close();
}

std::string_view title_of(const match::RuleInfo& info) {
    const bool japanese = language() == Language::japanese && !info.title_ja.empty();
    return japanese ? info.title_ja : info.title;
}

void append_detections(std::string& out, const query::EventRow& event, const Rules& rules) {
    JsonList list(out);
    for (const std::string& id : event.detections) {
        const match::RuleInfo* info = rules.find(id);
        JsonObject one(list.next());
        put_text(one, out, "rule_id", id);
        put_text(one, out, "title", info ? title_of(*info) : id);
        put_text(one,
                 out,
                 "level",
                 info ? match::level_name(info->level) : match::level_name(match::Level::medium));
        if (info && !info->author.empty()) put_text(one, out, "author", info->author);
        for (const auto& explained : event.explained) {
            if (explained.rule->info.id != id) continue;
            one.key("explain");
            append_explanation(out, explained.why);
            break;
        }
        one.close();
    }
    list.close();
}

void append_findings(std::string& out, const query::EventRow& event) {
    JsonList list(out);
    for (const store::KeptFinding& finding : event.findings) {
        const bool japanese = language() == Language::japanese && !finding.title_ja.empty();
        JsonObject one(list.next());
        put_text(one, out, "id", std::to_string(finding.id));
        put_text(one, out, "title", japanese ? finding.title_ja : finding.title);
        put_text(one, out, "level", match::level_name(finding.level));
        one.number("count", finding.count);
        one.close();
    }
    list.close();
}

std::string event_json(const query::EventRow& event, const Rules& rules, bool is_sample) {
    std::string out;
    JsonObject all(out);
    put_text(all, out, "log_type", event.type->name);
    put_time(all, out, "time", event.time);
    all.key("object");
    JsonObject object(out);
    put_text(object, out, "id", std::to_string(event.origin.object));
    put_text(object, out, "path", event.object_path);
    object.boolean("available", event.object_is_available);
    object.close();
    all.integer("ordinal", event.origin.ordinal);
    all.boolean("sample", is_sample);
    all.key("fields");
    append_fields(out, event);
    put_text(all, out, "raw", event.record);
    all.boolean("raw_rebuilt", event.is_rebuilt);
    all.key("detections");
    append_detections(out, event, rules);
    all.key("findings");
    append_findings(out, event);
    all.close();
    return out;
}

Result<http::Response> show_event(Call& call) {
    const std::string_view object_text = call.part("object_id");
    const std::string_view ordinal_text = call.part("ordinal");
    const auto object = number_of(object_text);
    const auto ordinal = number_of(ordinal_text);
    if (!object || !ordinal) {
        return fail(Code::invalid,
                    say(message::api_bad_key, printable(object_text), printable(ordinal_text)));
    }
    const Rules rules(call.services);
    YAGURA_TRY(auto lease, quick_lease(call));
    YAGURA_TRY(const auto event, lease.event({*object, *ordinal}, rules.all()));
    if (!event) return fail(Code::not_found, say(message::api_no_event, *object, *ordinal));
    const bool is_sample = pipeline::is_of_sample(call.services.lake, event->object_path);
    return http::Response::json(event_json(*event, rules, is_sample));
}

constexpr Route kRoutes[] = {
    {.method = Method::get,
     .path = "/events/{object_id}/{ordinal}",
     .summary = {"One event: its fields, its exact bytes, why rules matched",
                 "イベント 1 件（フィールド、原文、ルールが一致した理由）"},
     .answer = "Event",
     .handle = show_event},
};

}  // namespace

extern const Resource events;
const Resource events{"events", kRoutes};

}  // namespace yagura::api
