// Reads one record into an event for tests, the way the pipeline does.
#pragma once

#include <string>

#include "event/json_document.h"
#include "logtype/log_type.h"

namespace yagura::logtype {

// An event together with the bytes its views point into.
struct Parsed {
    explicit Parsed(const LogType& log_type) : type(log_type), plan(log_type.dictionary()) {}

    std::optional<Fault> json(std::string_view text, const RecordContext& context = {}) {
        plan.freeze();
        bytes = event::PaddedText(text);
        event.reset(plan);
        uint32_t at = 0;
        if (const auto fault = document.index(bytes.view())) return fault;
        if (const auto fault = event::walk_record(document, at, event)) return fault;
        return type.finish(event, context);
    }

    std::optional<Fault> line(std::string_view text,
                              std::span<const int> order,
                              const RecordContext& context = {}) {
        plan.freeze();
        bytes = event::PaddedText(text);
        event.reset(plan);
        return type.read_line(bytes.view(), order, event, context);
    }

    // By any name of the field.
    std::string text(std::string_view name) { return std::string(event.text(plan.want(name))); }

    const LogType& type;
    event::FieldPlan plan;
    event::JsonDocument document;
    event::PaddedText bytes;
    event::Event event;
};

}  // namespace yagura::logtype
