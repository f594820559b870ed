#include "decode/envelope.h"

#include <algorithm>
#include <span>

#include "base/text.h"

namespace yagura::decode {
namespace {

using event::JsonDocument;
using event::Kind;
using event::ValueView;

constexpr std::string_view kCloudWatchKeys[] = {"messageType",
                                                "owner",
                                                "logGroup",
                                                "logStream",
                                                "logEvents",
                                                "subscriptionFilters",
                                                "policyLevel"};
constexpr std::string_view kEventBridgeKeys[] = {"detail-type",
                                                 "source",
                                                 "detail",
                                                 "version",
                                                 "id",
                                                 "account",
                                                 "time",
                                                 "region",
                                                 "resources",
                                                 "replay-name",
                                                 "trace-header"};

bool is_one_of(std::string_view key, std::span<const std::string_view> keys) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

size_t skip_blanks(std::string_view text, size_t at) {
    while (at < text.size() &&
           (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) {
        ++at;
    }
    return at;
}

// Position behind the string whose opening quote is at `at`; text.size() when it does not end.
size_t skip_string(std::string_view text, size_t at) {
    for (++at; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == '"') {
            return at + 1;
        }
    }
    return text.size();
}

// What the keys seen so far make of an object.
struct KeysSeen {
    bool message_type = false, log_events = false, detail_type = false, source = false,
         detail = false;

    // False for a key that no envelope has.
    bool add(std::string_view key) {
        message_type = message_type || key == "messageType";
        log_events = log_events || key == "logEvents";
        detail_type = detail_type || key == "detail-type";
        source = source || key == "source";
        detail = detail || key == "detail";
        return is_one_of(key, kCloudWatchKeys) || is_one_of(key, kEventBridgeKeys);
    }
    Wrapping wrapping() const {
        if (message_type && log_events) return Wrapping::cloudwatch;
        return detail_type && source && detail ? Wrapping::eventbridge : Wrapping::none;
    }
};

// Fills `values[i]` with the index entry of the value of `names[i]`, checks the object's grammar in
// full and moves past it. Of a key that comes twice the first counts.
std::optional<Fault> read_members(JsonDocument& document,
                                  uint32_t& at,
                                  std::span<const std::string_view> names,
                                  std::span<std::optional<uint32_t>> values) {
    const auto peek = [&] { return at < document.size() ? document.at(at) : '\0'; };
    const auto fault = [&] {
        return Fault{FaultCode::bad_json,
                     at < document.size() ? document.offset(at) : document.text().size()};
    };
    ++at;
    if (peek() == '}') {
        ++at;
        return std::nullopt;
    }
    for (;;) {
        ValueView key;
        if (peek() != '"') return fault();
        if (auto bad = document.read(at, key)) return bad;
        if (peek() != ':') return fault();
        ++at;
        const auto found = std::find(names.begin(), names.end(), key.text());
        if (found != names.end()) {
            auto& value = values[static_cast<size_t>(found - names.begin())];
            if (!value) value = at;
        }
        if (auto bad = document.skip(at)) return bad;
        const char c = peek();
        if (c != ',' && c != '}') return fault();
        ++at;
        if (c == '}') return std::nullopt;
    }
}

// The text of a string or number at an entry; empty otherwise.
void assign_text(JsonDocument& document, std::optional<uint32_t> at, std::string& out) {
    out.clear();
    if (!at) return;
    ValueView value;
    uint32_t entry = *at;
    if (document.read(entry, value)) return;
    if (value.kind == Kind::number) out = value.text();
    if (value.kind == Kind::string) event::append_unescaped(out, value.text());
}

}  // namespace

size_t skip_member_value(std::string_view text, size_t at) {
    size_t depth = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '"') {
            at = skip_string(text, at);
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        ++at;
    }
    return at;
}

Classified classify(std::string_view text, bool outermost) {
    Classified out;
    out.decided = false;  // until the end of the text is not what stops us
    KeysSeen seen;
    size_t at = skip_blanks(text, 1);
    while (at < text.size()) {
        if (text[at] != '"') break;
        const size_t key_end = skip_string(text, at);
        const std::string_view key = text.substr(at + 1, key_end - at - 2);
        at = skip_blanks(text, key_end);
        if (at == text.size()) return out;
        const bool known = seen.add(key);
        if (out.start.empty()) {
            out.start = text.substr(0, key_end);
            out.is_plain_start = !known;
        }
        if (text[at] != ':') break;
        at = skip_blanks(text, at + 1);
        if (at == text.size()) return out;
        if (outermost && key == "Records" && text[at] == '[') {
            out.wrapping = Wrapping::records;
            break;
        }
        if (out.is_plain_start && !outermost) break;
        at = skip_member_value(text, at);
        if (at == text.size()) return out;
        if (text[at] != ',') {
            out.wrapping = seen.wrapping();
            break;
        }
        at = skip_blanks(text, at + 1);
    }
    out.decided = at < text.size();
    return out;
}

std::optional<Fault> Unwrapper::deliver(JsonDocument& document,
                                        uint32_t& at,
                                        uint64_t base,
                                        Wrapping wrapping) {
    switch (wrapping) {
        case Wrapping::eventbridge:
            return eventbridge(document, at, base);
        case Wrapping::cloudwatch:
            return cloudwatch(document, at, base);
        case Wrapping::records:
            return records(document, at, base);
        default:
            return delivery_.json(document, at, base + document.offset(at));
    }
}

std::optional<Fault> Unwrapper::eventbridge(JsonDocument& document, uint32_t& at, uint64_t base) {
    static constexpr std::string_view kNames[] = {
        "detail", "account", "region", "detail-type", "time"};
    std::array<std::optional<uint32_t>, std::size(kNames)> values;
    uint32_t end = at;
    if (auto bad = read_members(document, end, kNames, values)) return bad;
    if (!values[0] || document.at(*values[0]) != '{') {
        return Fault{FaultCode::not_a_record, document.offset(at)};
    }
    for (size_t i = 0; i < event_.size(); ++i) assign_text(document, values[i + 1], event_[i]);
    RecordOrigin& origin = delivery_.origin();
    const RecordOrigin before = origin;
    origin.account = event_[0];
    origin.region = event_[1];
    origin.detail_type = event_[2];
    if (const auto time = parse_iso8601(event_[3])) origin.time = time;
    uint32_t detail = *values[0];
    const auto fault = delivery_.json(document, detail, base + document.offset(detail));
    origin = before;
    if (!fault) at = end;
    return fault;
}

std::optional<Fault> Unwrapper::records(JsonDocument& document, uint32_t& at, uint64_t base) {
    static constexpr std::string_view kNames[] = {"Records"};
    std::array<std::optional<uint32_t>, std::size(kNames)> values;
    uint32_t end = at;
    if (auto bad = read_members(document, end, kNames, values)) return bad;
    if (!values[0] || document.at(*values[0]) != '[') {
        return Fault{FaultCode::not_a_record, document.offset(at)};
    }
    at = end;
    // The array has been checked; its elements are read one by one.
    uint32_t entry = *values[0] + 1;
    while (entry < document.size() && document.at(entry) != ']') {
        element(document, entry, base);
        if (entry < document.size() && document.at(entry) == ',') ++entry;
    }
    return std::nullopt;
}

void Unwrapper::element(JsonDocument& document, uint32_t& at, uint64_t base) {
    const uint64_t offset = base + document.offset(at);
    uint32_t entry = at;
    ValueView whole;
    document.read(at, whole);
    std::optional<Fault> fault = Fault{FaultCode::not_a_record, 0};
    if (whole.kind == Kind::object) fault = delivery_.json(document, entry, offset);
    if (fault) delivery_.record_fault({fault->code, offset}, offset, whole.text());
}

std::optional<Fault> Unwrapper::cloudwatch(JsonDocument& document, uint32_t& at, uint64_t base) {
    static constexpr std::string_view kNames[] = {
        "logEvents", "owner", "logGroup", "logStream", "messageType"};
    std::array<std::optional<uint32_t>, std::size(kNames)> values;
    uint32_t end = at;
    if (auto bad = read_members(document, end, kNames, values)) return bad;
    if (!values[0] || document.at(*values[0]) != '[') {
        return Fault{FaultCode::not_a_record, document.offset(at)};
    }
    for (size_t i = 0; i < envelope_.size(); ++i)
        assign_text(document, values[i + 1], envelope_[i]);
    at = end;
    // Sent now and then to see whether the destination can be reached; it carries no log.
    if (envelope_[3] == "CONTROL_MESSAGE") return std::nullopt;
    RecordOrigin& origin = delivery_.origin();
    const RecordOrigin before = origin;
    origin.account = envelope_[0];
    origin.log_group = envelope_[1];
    origin.log_stream = envelope_[2];
    log_events(document, *values[0], base);
    origin = before;
    return std::nullopt;
}

// The array has been checked; its elements are read one by one.
void Unwrapper::log_events(JsonDocument& document, uint32_t at, uint64_t base) {
    ++at;
    while (at < document.size() && document.at(at) != ']') {
        log_event(document, at, base);
        if (at < document.size() && document.at(at) == ',') ++at;
    }
}

void Unwrapper::log_event(JsonDocument& document, uint32_t& at, uint64_t base) {
    static constexpr std::string_view kNames[] = {"message", "timestamp"};
    const uint64_t offset = base + document.offset(at);
    ValueView whole;
    std::array<std::optional<uint32_t>, std::size(kNames)> values;
    uint32_t entry = at;
    document.read(at, whole);
    if (whole.kind == Kind::object) read_members(document, entry, kNames, values);
    ValueView text;
    if (values[0]) document.read(*values[0], text);
    if (text.kind != Kind::string) {
        return delivery_.record_fault({FaultCode::not_a_record, offset}, offset, whole.text());
    }
    assign_text(document, values[1], scratch_);
    delivery_.origin().time = parse_epoch(scratch_);
    message(text, base + static_cast<uint64_t>(text.data - document.text().data()));
}

void Unwrapper::message(const ValueView& message, uint64_t offset) {
    scratch_.clear();
    const bool clean = event::append_unescaped(scratch_, message.text());
    const bool repaired = delivery_.origin().repaired;
    delivery_.origin().repaired = repaired || !clean;
    const std::string_view text = trim(scratch_);
    if (text.empty()) {
        delivery_.record_fault({FaultCode::empty_object, offset}, offset, {});
    } else if (text.front() != '{' || !json_text(text, offset, false)) {
        delivery_.line(text, offset);
    }
    delivery_.origin().repaired = repaired;
}

bool Unwrapper::json_text(std::string_view text, uint64_t offset, bool outermost) {
    message_.assign(text);
    if (message_document_.index(message_.view())) return false;
    uint32_t end = 0;
    if (message_document_.skip(end) || end != message_document_.size()) return false;
    // EventBridge can deliver to a log group; its envelope then lies inside the other one.
    Classified inner = classify(message_.view(), outermost);
    if (inner.wrapping == Wrapping::cloudwatch) inner.wrapping = Wrapping::none;
    uint32_t at = 0;
    // Offsets inside a message are those of its escaped text's start.
    const auto fault = deliver(message_document_, at, offset, inner.wrapping);
    if (fault) delivery_.record_fault({fault->code, offset}, offset, message_.view());
    return true;
}

}  // namespace yagura::decode
