// `yagura rules explain RULE EVENT`: the rule's condition with the truth of each part for one
// event.
//
//   no  all of
//   yes   eventSource is "iam.amazonaws.com"
//             iam.amazonaws.com
//   no    eventName is one of "CreateUser", "CreateAccessKey"     <- failed first
//             it is: ListUsers
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/messages/hunt.h"
#include "base/text.h"
#include "cli/chosen_rules.h"
#include "cli/rules_commands.h"
#include "cli/screen.h"
#include "decode/record_reader.h"
#include "match/explain.h"
#include "pipeline/event_reader.h"
#include "query/engine.h"
#include "rule/readable.h"
#include "sql/value.h"

namespace yagura::cli {
namespace {

constexpr size_t kMostEvents = 20;

struct Options {
    std::string rule;
    std::string event;
    std::string lake;
    std::string event_id;
    std::vector<std::string> more;
    bool no_default = false;
    std::string format = "table";
};

std::string quoted_list(const std::vector<std::string>& values, bool more) {
    std::string out;
    for (const std::string& value : values) {
        if (!out.empty()) out += ", ";
        out += '"' + printable(value) + '"';
    }
    return more ? out + ", …" : out;
}

// What the event held where a predicate asked.
std::string found_text(const match::Asked& asked) {
    switch (asked.outcome) {
        case match::Outcome::missing:
            return say(message::hunt_missing);
        case match::Outcome::null:
            return say(message::hunt_is_null);
        case match::Outcome::holds:
            if (asked.values.empty()) return {};
            if (!asked.value.empty() && asked.values.size() > 1)
                return say(message::hunt_found, quoted_list({asked.value}, false));
            return say(message::hunt_found, quoted_list(asked.values, asked.more_values));
        case match::Outcome::differs:
            break;
    }
    std::string out = say(message::hunt_found, quoted_list(asked.values, asked.more_values));
    if (!asked.nearest.empty())
        out += "  " + say(message::hunt_nearest, quoted_list({asked.nearest}, false));
    return out;
}

class TextTree {
  public:
    explicit TextTree(const match::Explanation* failed) : failed_(failed) {}

    void print(const match::Explanation& part, size_t depth) {
        std::string line = part.holds ? say(message::hunt_yes) : say(message::hunt_no);
        line += std::string(2 + depth * 2, ' ') + words(part);
        if (&part == failed_) line += "   " + say(message::hunt_failed_first);
        fmt::print("{}\n", line);
        if (part.kind == match::Condition::Kind::predicate) {
            const std::string found = found_text(part.asked);
            if (!found.empty()) fmt::print("{}{}\n", std::string(10 + depth * 2, ' '), found);
        }
        for (const match::Explanation& child : part.parts) print(child, depth + 1);
    }

  private:
    static std::string words(const match::Explanation& part) {
        switch (part.kind) {
            case match::Condition::Kind::all:
                return say(message::hunt_all);
            case match::Condition::Kind::any:
                return say(message::hunt_any);
            case match::Condition::Kind::negation:
                return say(message::hunt_not);
            case match::Condition::Kind::predicate:
                if (part.asked.predicate) return rule::readable(*part.asked.predicate);
                break;
            case match::Condition::Kind::constant:
                break;
        }
        return say(message::hunt_constant);
    }

    const match::Explanation* failed_;
};

std::string_view kind_name(match::Condition::Kind kind) {
    constexpr std::string_view kNames[] = {"all", "any", "not", "predicate", "constant"};
    return kNames[static_cast<size_t>(kind)];
}

std::string_view outcome_name(match::Outcome outcome) {
    constexpr std::string_view kNames[] = {"holds", "missing", "null", "differs"};
    return kNames[static_cast<size_t>(outcome)];
}

std::string json_of(const match::Explanation& part) {
    std::string out = fmt::format(
        R"({{"part":"{}","holds":{},"decides":{})", kind_name(part.kind), part.holds, part.decides);
    if (part.asked.predicate) {
        const match::Asked& asked = part.asked;
        std::string values;
        for (const std::string& value : asked.values)
            values += (values.empty() ? "" : ",") + json_quote(value);
        out += fmt::format(R"(,"field":{},"asked":{},"outcome":"{}","values":[{}])",
                           json_quote(asked.predicate->field),
                           json_quote(rule::readable(*asked.predicate)),
                           outcome_name(asked.outcome),
                           values);
        if (asked.operand >= 0) out += R"(,"value":)" + json_quote(asked.value);
        if (!asked.nearest.empty()) out += R"(,"nearest":)" + json_quote(asked.nearest);
    }
    if (!part.parts.empty()) {
        std::string parts;
        for (const match::Explanation& child : part.parts)
            parts += (parts.empty() ? "" : ",") + json_of(child);
        out += R"(,"parts":[)" + parts + "]";
    }
    return out + "}";
}

class Explainer final : public pipeline::EventConsumer {
  public:
    Explainer(const match::Rule& rule, bool as_json) : rule_(rule), as_json_(as_json) {}

    void consume(event::Event& event,
                 const pipeline::TypePlan& plan,
                 const decode::RecordOrigin& origin) override {
        if (++events > kMostEvents) return;
        const match::Explanation why = match::explain(rule_, event, plan.type->shape);
        const bool covers = rule_.source.covers(plan.type->logsource);
        const bool holds = why.holds && covers;
        matched += holds;
        if (as_json_) {
            fmt::print(R"({{"rule_id":{},"log_type":{},"object":{},"ordinal":{},"covers":{},)"
                       R"("matches":{},"why":{}}})"
                       "\n",
                       json_quote(rule_.info.id),
                       json_quote(plan.type->name),
                       json_quote(origin.object),
                       origin.ordinal,
                       covers,
                       holds,
                       json_of(why));
            return;
        }
        const bool japanese = language() == Language::japanese && !rule_.info.title_ja.empty();
        fmt::print("{}\n",
                   say(holds ? message::hunt_explain_yes : message::hunt_explain_no,
                       printable(japanese ? rule_.info.title_ja : rule_.info.title),
                       origin.ordinal,
                       printable(origin.object),
                       plan.type->name));
        if (!covers) fmt::print("{}\n", say(message::hunt_explain_source, plan.type->name));
        TextTree(match::first_failure(why)).print(why, 0);
    }
    void fault(const Fault& fault, const decode::RecordOrigin&, std::string_view) override {
        ++faults;
        complain(say(message::hunt_bad_event, fault_name(fault.code)));
    }

    size_t events = 0;
    size_t matched = 0;
    size_t faults = 0;

  private:
    const match::Rule& rule_;
    bool as_json_;
};

// A record of the lake and where it came from.
struct LakeRecord {
    std::string text;
    std::string object;
    uint64_t ordinal = 0;
};

// The records of these events; of objects that are gone, what the lake's columns say.
Result<std::vector<LakeRecord>> records_of(const Options& options) {
    YAGURA_TRY(auto engine, query::Engine::open(options.lake, {}));
    std::vector<LakeRecord> records;
    for (const logtype::LogType* type : logtype::all()) {
        if (type->roles.event_id < 0) continue;
        const std::string_view field = type->fields[static_cast<size_t>(type->roles.event_id)].name;
        std::string id;
        for (const char c : options.event_id) {
            if (c == '"' || c == '\\') id += '\\';
            id += c;
        }
        const std::string text = fmt::format(
            "fields @message, @logStream, ordinal | filter `{}` = \"{}\" | limit 5", field, id);
        query::RowSink sink;
        sink.columns = [](const auto&) {};
        sink.row = [&](auto cells) {
            const auto* record = std::get_if<std::string>(&cells[0]);
            const auto* object = std::get_if<std::string>(&cells[1]);
            const auto* ordinal = std::get_if<int64_t>(&cells[2]);
            if (record && object && ordinal)
                records.push_back({*record, *object, static_cast<uint64_t>(*ordinal)});
            return true;
        };
        query::Question question;
        question.text = text;
        question.types = {std::string(type->name)};
        question.now = current_time();
        YAGURA_CHECK(engine->ask(question, sink));
    }
    return records;
}

Result<void> read_records(const std::vector<LakeRecord>& records, pipeline::EventReader& reader) {
    event::JsonDocument document;
    for (const LakeRecord& record : records) {
        const event::PaddedText text(record.text);
        reader.begin_object();
        decode::RecordOrigin origin;
        origin.object = record.object;
        origin.ordinal = record.ordinal;
        uint32_t at = 0;
        auto fault = document.index(text.view());
        if (!fault) fault = reader.json(document, at, origin);
        if (fault) reader.fault(*fault, origin, record.text);
        reader.end_object();
    }
    return {};
}

Result<void> read_file(const Options& options, pipeline::EventReader& reader) {
    const std::vector<std::string> paths = {options.event};
    YAGURA_TRY(const auto listing, source::list_objects(paths));
    decode::RecordReader records;
    for (const source::Object& object : listing.objects) {
        reader.begin_object();
        YAGURA_CHECK(records.read(object, reader));
        reader.end_object();
    }
    return {};
}

int explain(const Options& options, const Session& session) {
    const auto chosen = choose_rules({options.rule}, options.more, options.no_default, session);
    if (!chosen) return kUsage;
    if (chosen->chosen.rules.empty()) return complain(say(message::hunt_explain_single)), kUsage;
    std::vector<LakeRecord> records;
    if (!options.lake.empty()) {
        auto found = records_of(options);
        if (!found) return complain(found.error()), kFailed;
        if (found->empty())
            return complain(say(message::hunt_no_event, printable(options.event_id))), kFailed;
        records = std::move(*found);
    }
    bool any = false;
    for (const uint32_t index : chosen->chosen.rules) {
        const match::Rule& rule = chosen->set.rules[index];
        const pipeline::TypePlans plans({&rule, 1}, {});
        Explainer explainer(rule, options.format == "json");
        pipeline::EventReader reader(plans, explainer);
        const auto read =
            options.lake.empty() ? read_file(options, reader) : read_records(records, reader);
        if (!read) return complain(read.error()), kFailed;
        any = any || explainer.events > 0;
        if (explainer.events > kMostEvents && !session.quiet)
            fmt::print(stderr, "{}\n", say(message::hunt_more_events, kMostEvents));
    }
    if (!any) return complain(say(message::hunt_nothing_read, printable(options.event))), kFailed;
    return kOk;
}

}  // namespace

void add_rules_explain(CLI::App* rules, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = rules->add_subcommand("explain", say(message::hunt_explain));
    command->add_option("RULE", options->rule, say(message::hunt_opt_rule))->required();
    auto* event = command->add_option("EVENT", options->event, say(message::hunt_opt_event));
    auto* lake = command->add_option("--lake", options->lake, say(message::hunt_opt_lake));
    auto* id = command->add_option("--event", options->event_id, say(message::hunt_opt_event_id));
    lake->needs(id)->excludes(event);
    id->needs(lake);
    command->add_option("-r,--rules", options->more, say(message::hunt_opt_more))
        ->allow_extra_args(false);
    command->add_flag("--no-default-rules", options->no_default, say(message::hunt_opt_no_default));
    command->add_option("-f,--format", options->format, say(message::hunt_opt_format_event))
        ->check(CLI::IsMember({"table", "json"}));
    command->callback([=, &session] {
        if (event->count() == 0 && lake->count() == 0) throw CLI::RequiredError(event->get_name());
        session.exit_code = explain(*options, session);
    });
}

}  // namespace yagura::cli
