#include "pipeline/event_reader.h"

#include <algorithm>

#include "event/json_document.h"

namespace yagura::pipeline {
namespace {

using decode::RecordOrigin;
using event::JsonDocument;
using logtype::Shape;

logtype::RecordContext context_of(const RecordOrigin& origin) {
    return {.object = origin.object,
            .log_group = origin.log_group,
            .log_stream = origin.log_stream,
            .account = origin.account,
            .region = origin.region,
            .detail_type = origin.detail_type,
            .time = origin.time};
}

// The text of the record at `at`, as far as its brackets balance.
std::string_view record_text(const JsonDocument& document, uint32_t at) {
    const size_t start = document.offset(at);
    uint32_t end = at;
    if (!event::skip_balanced(document, end)) return document.text().substr(start);
    return document.text().substr(start, document.offset(end - 1) + 1 - start);
}

}  // namespace

EventReader::EventReader(const TypePlans& plans, EventConsumer& consumer)
    : plans_(plans), consumer_(consumer) {}

void EventReader::begin_object() {
    stream_.clear();
    forget_stream();
    unknown_ = {};
}

void EventReader::end_object() {
    settle_unknown(stream_is_known_);
}

void EventReader::forget_stream() {
    json_plan_ = line_plan_ = nullptr;
    order_.clear();
    stream_is_known_ = false;
}

// Beyond those that are kept, records are counted where the last kept one stood.
void EventReader::settle_unknown(bool stream_is_known) {
    if (unknown_.count == 0) return;
    RecordOrigin origin;
    origin.object = unknown_.object;
    const uint64_t times = stream_is_known ? unknown_.count : 1;
    for (uint64_t i = 0; i < times; ++i) {
        const Unknown::Place& place =
            unknown_.places[std::min<size_t>(i, unknown_.places.size() - 1)];
        origin.ordinal = stream_is_known ? place.ordinal : decode::kNoOrdinal;
        origin.offset = place.offset;
        consumer_.fault({FaultCode::unknown_type, place.offset}, origin, place.bytes);
    }
    unknown_ = {};
}

// What to answer for a record no log type claims.
std::optional<Fault> EventReader::unknown(std::string_view record, const RecordOrigin& origin) {
    if (stream_is_known_) return Fault{FaultCode::unknown_type, 0};
    if (unknown_.count++ == 0) unknown_.object = origin.object;
    if (unknown_.places.size() < kUnknownKept) {
        unknown_.places.push_back({origin.offset,
                                   origin.ordinal,
                                   std::string(record.substr(0, decode::kQuarantineBytes))});
    }
    return std::nullopt;
}

// Object paths are compared by address first: within one member the view does not change.
bool EventReader::is_same_stream(const RecordOrigin& origin) {
    const size_t size = origin.object.size() + origin.log_group.size() + origin.detail_type.size();
    const bool same =
        stream_.size() == size && stream_.compare(0, origin.object.size(), origin.object) == 0 &&
        stream_.compare(origin.object.size(), origin.log_group.size(), origin.log_group) == 0 &&
        stream_.compare(
            size - origin.detail_type.size(), origin.detail_type.size(), origin.detail_type) == 0;
    if (same) return true;
    stream_.assign(origin.object);
    stream_.append(origin.log_group);
    stream_.append(origin.detail_type);
    settle_unknown(stream_is_known_);
    forget_stream();
    return false;
}

const TypePlan* EventReader::recognise(Shape shape,
                                       std::string_view record,
                                       const RecordOrigin& origin) const {
    const logtype::LogType* type = logtype::recognise(shape, record, context_of(origin));
    return type ? &plans_.of(*type) : nullptr;
}

std::optional<Fault> EventReader::fill(JsonDocument& document,
                                       uint32_t& at,
                                       const RecordOrigin& origin,
                                       const TypePlan& plan) {
    event_.reset(plan.fields);
    event_.ordinal = origin.ordinal;
    if (const auto fault = event::walk_record(document, at, event_)) return fault;
    if (origin.repaired) event_.oddities |= event::kRepaired;
    return plan.type->finish(event_, context_of(origin));
}

std::optional<Fault> EventReader::json(JsonDocument& document,
                                       uint32_t& at,
                                       const RecordOrigin& origin) {
    const bool known = is_same_stream(origin) && json_plan_ != nullptr;
    const uint32_t start = at;
    if (known) {
        const auto fault = fill(document, at, origin, *json_plan_);
        const bool fits = !fault && (event_.oddities & event::kTimeMissing) == 0;
        if (fits) {
            consumer_.consume(event_, *json_plan_, origin);
            return std::nullopt;
        }
        if (fault && at == start) return fault;  // broken JSON is broken for every log type
        at = start;
    }
    // The first record of a stream, or one that does not fit the log type of those before it.
    const std::string_view text = record_text(document, at);
    const TypePlan* plan = recognise(Shape::json, text, origin);
    if (!plan) {
        if (const auto fault = document.skip(at)) return fault;
        return unknown(text, origin);
    }
    const auto fault = fill(document, at, origin, *plan);
    if (fault && fault->code == FaultCode::unknown_type) return unknown(text, origin);
    if (fault && fault->code == FaultCode::not_a_log) ++not_logs_;
    if (fault) return fault;
    if (!json_plan_) json_plan_ = plan;
    stream_is_known_ = true;
    consumer_.consume(event_, *plan, origin);
    return std::nullopt;
}

std::optional<Fault> EventReader::line(std::string_view line, const RecordOrigin& origin) {
    if (!is_same_stream(origin) || !line_plan_) {
        // A header far into a file of something else is no header.
        if (unknown_.count < kUnknownKept) line_plan_ = recognise(Shape::text, line, origin);
        if (!line_plan_) {
            const bool is_broken_json = json_plan_ && line.front() == '{';
            if (is_broken_json) return Fault{FaultCode::bad_json, 0};
            return unknown(line, origin);
        }
        stream_is_known_ = true;
    }
    const logtype::LogType& type = *line_plan_->type;
    if (type.read_header && type.read_header(line, order_)) return std::nullopt;
    event_.reset(line_plan_->fields);
    event_.ordinal = origin.ordinal;
    if (const auto fault = type.read_line(line, order_, event_, context_of(origin))) return fault;
    if (origin.repaired) event_.oddities |= event::kRepaired;
    consumer_.consume(event_, *line_plan_, origin);
    return std::nullopt;
}

}  // namespace yagura::pipeline
