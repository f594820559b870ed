// Trying rules before they are used: lint, a pasted event (the lake: rules_backtest.cpp); and
// drafts of new ones.
#include "api/explained.h"
#include "api/notes.h"
#include "api/people_json.h"
#include "api/rule_trial.h"
#include "api/rules.h"
#include "base/messages/desk.h"
#include "decode/record_reader.h"
#include "desk/draft.h"
#include "pipeline/event_reader.h"
#include "pipeline/run_log.h"
#include "source/input.h"

namespace yagura::api {

using http::Response;
using Clock = std::chrono::steady_clock;

namespace {

constexpr uint64_t kMostExamples = 100;
constexpr uint64_t kMostSeconds = 120;
constexpr size_t kMostEvents = 10'000;  // of a pasted text

template <class Is>
void choose(Trial& trial, Is&& is) {
    const auto pick = [&](const auto& list, std::vector<uint32_t>& into) {
        for (uint32_t i = 0; i < list.size(); ++i)
            if (is(list[i].info)) into.push_back(i);
    };
    pick(trial.set->rules, trial.chosen.rules);
    pick(trial.set->correlations, trial.chosen.correlations);
    pick(trial.set->first_seen, trial.chosen.first_seen);
}

Result<Trial> trial_of(const desk::RuleDesk& desk,
                       const std::string& id,
                       const std::optional<std::string>& text) {
    Trial trial;
    if (text) {
        auto set = std::make_shared<rule::RuleSet>(desk.try_out(*text, id, trial.file));
        for (const Diagnostic& mistake : set->quarantined)
            if (mistake.file == trial.file) trial.mistakes.push_back(mistake);
        trial.set = std::move(set);
        choose(trial, [&](const match::RuleInfo& info) { return info.file == trial.file; });
        return trial;
    }
    if (id.empty()) return fail(Code::invalid, say(message::desk_nothing_to_try));
    const auto shelf = desk.shelf();
    if (!shelf->find(id)) return fail(Code::not_found, say(message::desk_no_rule, id));
    trial.set = shelf->all;
    choose(trial, [&](const match::RuleInfo& info) { return info.id == id; });
    return trial;
}

void write_example(std::string& out, const pipeline::Example& example) {
    JsonObject row(out);
    row.text("time", format_iso8601(from_micros(example.time)));
    row.text("log_type", example.log_type);
    write_text(row, out, "event_name", example.event_name);
    write_text(row, out, "account", example.account);
    write_text(row, out, "principal", example.principal);
    write_text(row, out, "source_ip", example.source_ip);
    if (example.object > 0) row.text("ptr", fmt::format("{}/{}", example.object, example.ordinal));
    row.close();
}

}  // namespace

void write_examples(JsonObject& row,
                    std::string& out,
                    const std::vector<pipeline::Example>& examples) {
    row.key("examples");
    JsonList list(out);
    for (const pipeline::Example& example : examples) write_example(list.next(), example);
    list.close();
}

namespace {

// --- a pasted event ---

// Tries every event of a pasted text; explains the first that matches, or else the first.
class PastedEvents final : public pipeline::EventConsumer {
  public:
    PastedEvents(std::span<const match::Rule> rules, size_t limit) : rules_(rules), limit_(limit) {}

    void consume(event::Event& event,
                 const pipeline::TypePlan& plan,
                 const decode::RecordOrigin& origin) override {
        ++events;
        records.emplace_back(event.record);
        bool any = false;
        for (const match::Rule& rule : rules_) {
            const bool covers = rule.source.covers(plan.type->logsource);
            // The explanation of one event is shown, and is slow: made where it may be that one.
            const bool holds = covers && match::explain(rule, event, plan.type->shape).holds;
            any = any || holds;
            if (!explanation_ || (holds && !explains_match_)) {
                explanation_ = match::explain(rule, event, plan.type->shape);
                explains_match_ = holds;
                type = plan.type;
                is_covered = covers;
            }
        }
        if (rules_.empty() && !type) type = plan.type;
        matches += any;
        if (any && examples.size() < limit_) keep(event, *plan.type, origin);
    }
    void fault(const Fault& fault, const decode::RecordOrigin&, std::string_view) override {
        if (!first_fault) first_fault = fault;
    }
    bool stop() const override { return events >= kMostEvents; }

    const match::Explanation* explanation() const {
        return explanation_ ? &*explanation_ : nullptr;
    }

    uint64_t events = 0;
    uint64_t matches = 0;
    std::vector<pipeline::Example> examples;
    std::vector<std::string> records;
    const logtype::LogType* type = nullptr;  // of the event explained
    bool is_covered = true;
    std::optional<Fault> first_fault;

  private:
    void keep(event::Event& event, const logtype::LogType& of, const decode::RecordOrigin& origin) {
        const finding::PartSlots slots = finding::part_slots_of(of);
        const auto part = [&](finding::Part which) {
            const int slot = slots[static_cast<size_t>(which)];
            if (slot < 0) return std::string();
            const event::SlotId at = event.plan().find(of.fields[static_cast<size_t>(slot)].name);
            return at == event::kNoSlot ? std::string() : std::string(event.text(at));
        };
        examples.push_back({to_micros(event.time),
                            std::string(of.name),
                            part(finding::Part::event_id),
                            part(finding::Part::event_name),
                            part(finding::Part::account),
                            part(finding::Part::principal),
                            part(finding::Part::source_ip),
                            0,
                            origin.ordinal});
    }

    std::span<const match::Rule> rules_;
    size_t limit_;
    std::optional<match::Explanation> explanation_;
    bool explains_match_ = false;
};

Result<void> read_pasted(const std::string& text,
                         const pipeline::TypePlans& plans,
                         pipeline::EventConsumer& consumer) {
    pipeline::EventReader reader(plans, consumer);
    source::Input input = source::Input::of_bytes(text, "event");
    decode::RecordReader records({.max_inflated_bytes = 16 << 20});
    reader.begin_object();
    YAGURA_CHECK(records.read(input, reader));
    reader.end_object();
    return {};
}

// How often rules over several events fire when the pasted events are all there is.
Result<uint64_t> fired(const Trial& trial, const std::string& text, const PastedEvents& pasted) {
    const bool is_text = pasted.type && pasted.type->shape == logtype::Shape::text;
    const std::vector<std::string> lines = {text};
    YAGURA_TRY(const auto ids,
               pipeline::log_runner()(*trial.set, is_text ? lines : pasted.records));
    uint64_t count = 0;
    for (const std::string& id : ids) {
        const auto is = [&](const auto& list, const std::vector<uint32_t>& chosen) {
            return std::any_of(chosen.begin(), chosen.end(), [&](uint32_t index) {
                return list[index].info.id == id;
            });
        };
        count += is(trial.set->correlations, trial.chosen.correlations) ||
                 is(trial.set->first_seen, trial.chosen.first_seen);
    }
    return count;
}

Result<Response> try_event(const Trial& trial, const std::string& text, size_t limit) {
    const auto start = Clock::now();
    std::vector<match::Rule> rules;
    for (const uint32_t index : trial.chosen.rules) rules.push_back(trial.set->rules[index]);
    const pipeline::TypePlans plans(rules, {});
    PastedEvents pasted(rules, limit);
    YAGURA_CHECK(read_pasted(text, plans, pasted));
    if (pasted.events == 0) {
        std::string sentence = say(message::desk_no_event);
        if (pasted.first_fault)
            sentence += fmt::format(" ({})", fault_sentence(pasted.first_fault->code, language()));
        return fail(Code::invalid, std::move(sentence));
    }
    uint64_t matches = pasted.matches;
    if (trial.is_over_several()) {
        YAGURA_TRY(matches, fired(trial, text, pasted));
    }
    std::string out;
    JsonObject answer(out);
    answer.number("matches", matches);
    answer.number("events", pasted.events);
    write_examples(answer, out, pasted.examples);
    if (pasted.type) answer.text("log_type", pasted.type->name);
    if (pasted.type && !pasted.is_covered)
        answer.text("note", say(message::desk_not_about, pasted.type->name));
    if (const match::Explanation* explanation = pasted.explanation()) {
        answer.key("explain");
        append_explanation(out, *explanation);
    }
    answer.number("elapsed_ms", milliseconds_since(start));
    answer.close();
    return Response::json(std::move(out));
}

Result<TimeRange> range_of(const http::Json& body, Timestamp now) {
    YAGURA_TRY(const auto from, read_text(body, "from"));
    YAGURA_TRY(const auto to, read_text(body, "to"));
    YAGURA_TRY(const auto since, read_text(body, "since"));
    const std::string begin = from.value_or(since.value_or("24h"));
    return parse_time_range(begin, to.value_or(""), now);
}

Result<uint64_t> number_of(const http::Json& body,
                           std::string_view key,
                           uint64_t otherwise,
                           uint64_t most) {
    const http::Json* value = body.find(key);
    if (!value || value->is_null()) return otherwise;
    const auto number = value->as_integer();
    if (!number || *number < 1) return fail(Code::invalid, say(message::desk_no_text, key));
    return std::min(static_cast<uint64_t>(*number), most);
}

}  // namespace

Result<Response> lint_rule(Call& call) {
    YAGURA_TRY(const desk::RuleDesk* const desk, desk_of(call));
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(const std::string text, need_text(body, "text"));
    YAGURA_TRY(const auto id, read_text(body, "id"));
    if (text.size() > rule::kMaxYamlBytes)
        return fail(Code::limit, say(message::desk_long_text, rule::kMaxYamlBytes));
    std::string file;
    const auto notes = desk->lint(text, id.value_or(""), &file);
    std::string out;
    JsonObject answer(out);
    answer.key("notes");
    write_notes(out, notes, text, file);
    answer.close();
    return Response::json(std::move(out));
}

Result<Response> test_rule(Call& call) {
    YAGURA_TRY(const desk::RuleDesk* const desk, desk_of(call));
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(const auto id, read_text(body, "id"));
    YAGURA_TRY(const auto text, read_text(body, "text"));
    YAGURA_TRY(const auto event, read_text(body, "event"));
    YAGURA_TRY(const uint64_t limit, number_of(body, "limit", 20, kMostExamples));
    YAGURA_TRY(const uint64_t seconds, number_of(body, "timeout", 30, kMostSeconds));
    if (text && text->size() > rule::kMaxYamlBytes)
        return fail(Code::limit, say(message::desk_long_text, rule::kMaxYamlBytes));
    YAGURA_TRY(Trial trial, trial_of(*desk, id.value_or(""), text));
    if (!trial.mistakes.empty()) return refused(trial.mistakes, text.value_or(""), trial.file);
    if (event) return try_event(trial, *event, limit);
    YAGURA_TRY(const TimeRange range, range_of(body, call.services.now()));
    YAGURA_TRY(auto query_id, read_text(body, "query_id"));
    return try_lake(call,
                    std::move(trial),
                    {range,
                     limit,
                     std::chrono::seconds(seconds),
                     query_id.value_or(""),
                     body.boolean("stream")});
}

namespace {

// The values of fields in the first event of a pasted text.
class FieldValues final : public pipeline::EventConsumer {
  public:
    explicit FieldValues(const std::vector<std::string>& names) : names_(names) {}
    void consume(event::Event& event,
                 const pipeline::TypePlan& plan,
                 const decode::RecordOrigin&) override {
        if (type) return;
        type = plan.type;
        for (const std::string& name : names_) {
            const event::SlotId slot = event.plan().find(name);
            if (slot == event::kNoSlot || !event.has(slot)) continue;
            const std::string_view value = event.text(slot);
            if (!value.empty()) values.push_back({name, {std::string(value)}});
        }
    }
    void fault(const Fault&, const decode::RecordOrigin&, std::string_view) override {}
    bool stop() const override { return type != nullptr; }

    const logtype::LogType* type = nullptr;
    std::vector<std::pair<std::string, std::vector<std::string>>> values;

  private:
    const std::vector<std::string>& names_;
};

// A rule that looks at these fields, so that they are read.
match::Rule rule_looking_at(const std::vector<std::string>& names) {
    match::Rule rule;
    for (const std::string& name : names) {
        match::Predicate predicate;
        predicate.field = name;
        predicate.op = match::Op::exists;
        rule.predicates.push_back(std::move(predicate));
    }
    rule.condition.kind = match::Condition::Kind::any;
    for (uint32_t i = 0; i < rule.predicates.size(); ++i) {
        match::Condition child;
        child.kind = match::Condition::Kind::predicate;
        child.predicate = i;
        rule.condition.children.push_back(std::move(child));
    }
    return rule;
}

constexpr size_t kMostFields = 50;

}  // namespace

// {log_type, fields: [{name, value | values}]}, or {event, fields: [name]}.
Result<Response> draft_rule(Call& call) {
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(const auto event, read_text(body, "event"));
    desk::Draft draft;
    draft.author = call.who.name;
    draft.now = call.services.now();
    std::vector<std::string> names;
    for (const http::Json& field : body.list("fields")) {
        if (names.size() + draft.fields.size() == kMostFields) break;
        if (const auto name = field.as_text()) {
            names.emplace_back(*name);
            continue;
        }
        std::vector<std::string> values = field.texts("values");
        if (field.find("value")) values.emplace_back(field.text("value"));
        draft.fields.push_back({std::string(field.text("name")), std::move(values)});
    }
    if (event) {
        const match::Rule looking = rule_looking_at(names);
        const pipeline::TypePlans plans({&looking, 1}, {});
        FieldValues values(names);
        YAGURA_CHECK(read_pasted(*event, plans, values));
        if (!values.type) return fail(Code::invalid, say(message::desk_no_event));
        draft.type = values.type;
        draft.fields.insert(draft.fields.end(), values.values.begin(), values.values.end());
    } else {
        draft.type = logtype::find(body.text("log_type"));
    }
    if (!draft.type) return fail(Code::invalid, say(message::desk_no_text, "log_type"));
    for (const auto& [name, values] : draft.fields) {
        if (name.empty()) return fail(Code::invalid, say(message::desk_no_text, "name"));
    }
    std::string out;
    JsonObject answer(out);
    answer.text("text", desk::draft_text(draft));
    answer.close();
    return Response::json(std::move(out));
}

}  // namespace yagura::api
