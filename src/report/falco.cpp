// Lines as Falco prints them (falcosecurity/falco, userspace/falco/falco_outputs.cpp): the time of
// the event, the priority, the filled template. Times are UTC, so that a result does not depend on
// where it was made.
#include <fmt/format.h>

#include "base/json_text.h"
#include "base/text.h"
#include "report/outputs.h"

namespace yagura::report {
namespace {

struct Moment {
    std::string date;   // 2024-07-31
    std::string clock;  // 23:29:16.000000000
};

Moment moment_of(Timestamp time) {
    const std::string iso = format_iso8601(time);
    const int64_t micros = ((to_micros(time) % 1'000'000) + 1'000'000) % 1'000'000;
    const size_t clock = iso.find('T') + 1;
    return {iso.substr(0, clock - 1), fmt::format("{}.{:06}000", iso.substr(clock, 8), micros)};
}

std::string line_of(const finding::Printed& printed, const Moment& moment) {
    return fmt::format("{}: {} {}", moment.clock, printed.rule->priority, printed.text);
}

// JSON with what may not reach a terminal escaped; such characters stand in its strings only.
std::string safe_json(std::string_view json) {
    std::string out;
    for (size_t at = 0; at < json.size();) {
        const size_t from = at;
        next_code_point(json, at);
        const std::string_view character = json.substr(from, at - from);
        if (character.size() == 1) {
            out += character;
            continue;
        }
        std::string quoted;
        append_json(quoted, character);
        out.append(quoted, 1, quoted.size() - 2);
    }
    return out;
}

}  // namespace

void write_falco(std::span<const finding::Printed> lines, Output& out) {
    for (const finding::Printed& printed : lines)
        out.write(printable(line_of(printed, moment_of(printed.time))) + "\n");
}

void write_falco_json(std::span<const finding::Printed> lines, Output& out) {
    std::string line;
    for (const finding::Printed& printed : lines) {
        const Moment moment = moment_of(printed.time);
        line.clear();
        JsonObject row(line);
        row.text("output", line_of(printed, moment));
        row.raw("output_fields", safe_json(printed.fields));
        row.text("priority", printed.rule->priority);
        row.text("rule", printed.rule->title);
        row.text("source", printed.rule->source);
        row.key("tags");
        append_json_list(line, printed.rule->tags);
        row.text("time", moment.date + "T" + moment.clock + "Z");
        row.close();
        line += '\n';
        out.write(line);
    }
}

}  // namespace yagura::report
