#include "api/finding_evidence.h"

#include <optional>

#include "api/people_json.h"
#include "base/paths.h"
#include "desk/desk.h"
#include "query/pool.h"
#include "store/catalog.h"
#include "store/schema.h"

namespace yagura::api {
namespace {

const std::vector<std::string>& in_language(const std::vector<std::string>& english,
                                            const std::vector<std::string>& japanese) {
    return language() == Language::japanese && !japanese.empty() ? japanese : english;
}

// Without where the program or the lake lies on this machine.
std::string shown_file(const std::string& file, const std::filesystem::path& lake) {
    for (const auto& folder : {shipped_rules_dir(), lake / "console" / "rules"}) {
        const std::string prefix = folder.string() + "/";
        if (file.starts_with(prefix)) return file.substr(prefix.size());
    }
    return std::filesystem::path(file).filename().string();
}

// The object as the ledger knows it; paths of findings are those of the ledger.
Result<std::optional<store::LedgerObject>> object_of(store::Catalog* catalog,
                                                     const std::string& path) {
    if (!catalog) return std::optional<store::LedgerObject>();
    return catalog->latest_at(path);
}

}  // namespace

void write_rule(JsonObject& row,
                std::string& out,
                const Call& call,
                const store::KeptFinding& finding) {
    if (!call.services.rules) return;
    const auto shelf = call.services.rules->shelf();
    const desk::Entry* entry = shelf ? shelf->find(finding.rule_id) : nullptr;
    if (!entry) return;
    const match::RuleInfo& info = entry->info();
    const bool japanese = language() == Language::japanese && !info.description_ja.empty();
    const std::string& description = japanese ? info.description_ja : info.description;
    if (!description.empty()) row.text("description", description);
    row.key("false_positives");
    append_json_list(out, in_language(info.false_positives, info.false_positives_ja));
    row.key("references");
    append_json_list(out, info.references);
    row.text("rule_kind", desk::kind_name(entry->kind));
    row.text("rule_file", shown_file(info.file, call.services.lake));
    row.text("rule_source", entry->rule.source);
}

namespace {

// A text of the event by the role its field plays in the log; empty when there is none.
std::string role_text(const query::EventRow& event, int slot) {
    if (slot < 0) return {};
    const int column = store::schema_of(*event.type).column_of(static_cast<size_t>(slot));
    if (column < 0 || static_cast<size_t>(column) >= event.cells.size()) return {};
    const auto* text = std::get_if<std::string>(&event.cells[static_cast<size_t>(column)]);
    return text ? *text : std::string();
}

// What the event itself says, when the lake still has it.
void write_event(JsonObject& row, query::EnginePool::Lease& lease, query::Origin origin) {
    const auto event = lease.event(origin);
    if (!event || !*event) return;
    const logtype::Roles& roles = (*event)->type->roles;
    const auto put = [&](std::string_view name, int slot) {
        const std::string text = role_text(**event, slot);
        if (!text.empty()) row.text(name, text);
    };
    put("event_name", roles.event_name);
    put("error_code", roles.error_code);
    put("region", roles.region);
}

}  // namespace

Result<void> write_evidence(JsonObject& row,
                            std::string& out,
                            const Call& call,
                            const store::KeptFinding& finding) {
    auto catalog = store::Catalog::open(call.services.lake, false);
    if (!catalog) return catalog.error();
    std::optional<query::EnginePool::Lease> lease;
    if (call.services.engines) {
        auto lent = call.services.engines->lease({.person = call.who.name,
                                                  .scope = call.who.accounts,
                                                  .weight = query::Weight::quick,
                                                  .id = {},
                                                  .cancellation = call.request.left});
        if (lent) lease.emplace(std::move(*lent));
    }
    row.key("events");
    JsonList events(out);
    for (const store::FindingSample& sample : finding.samples) {
        YAGURA_TRY(const auto object, object_of(&*catalog, sample.object));
        JsonObject event(events.next());
        write_time(event, "time", sample.time);
        event.text("log_type", sample.log_type);
        if (!sample.event_id.empty()) event.text("event_id", sample.event_id);
        if (object) event.text("object_id", std::to_string(object->id));
        event.number("ordinal", sample.ordinal);
        if (object && lease)
            write_event(event, *lease, {object->id, static_cast<int64_t>(sample.ordinal)});
        event.close();
    }
    events.close();
    return {};
}

}  // namespace yagura::api
