#include "event/json_document.h"

#include <cstring>

#include <simdjson.h>

#include "base/text.h"

namespace yagura::event {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// RFC 8259 §6. `big` tells that 64 bits or a double do not hold the number exactly.
bool is_number(std::string_view text, bool& big) {
    size_t at = 0;
    const auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
    if (peek() == '-') ++at;
    if (!is_digit(peek())) return false;
    const size_t first = at;
    while (is_digit(peek())) ++at;
    if (text[first] == '0' && at - first > 1) return false;
    big = at - first > 18;
    if (peek() == '.') {
        ++at;
        if (!is_digit(peek())) return false;
        while (is_digit(peek())) ++at;
    }
    if (peek() == 'e' || peek() == 'E') {
        ++at;
        if (peek() == '+' || peek() == '-') ++at;
        const size_t digits = at;
        if (!is_digit(peek())) return false;
        while (is_digit(peek())) ++at;
        big = big || at - digits > 2;
    }
    return at == text.size();
}

// The escapes of a string: every backslash starts one of the nine forms of RFC 8259 §7.
// `lone` tells of a surrogate without its partner, which has no meaning but is no syntax error.
bool has_valid_escapes(std::string_view text, bool& lone) {
    for (size_t i = text.find('\\'); i != std::string_view::npos; i = text.find('\\', i)) {
        const char kind = i + 1 < text.size() ? text[i + 1] : '\0';
        if (kind != 'u') {
            if (std::strchr("\"\\/bfnrt", kind) == nullptr || kind == '\0') return false;
            i += 2;
            continue;
        }
        if (i + 6 > text.size()) return false;
        for (size_t j = 2; j < 6; ++j) {
            const char c = text[i + j];
            if (!is_digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) return false;
        }
        const char second = ascii_lower(text[i + 3]);
        const bool surrogate = ascii_lower(text[i + 2]) == 'd' && second >= '8';
        const bool high =
            surrogate && (second == '8' || second == '9' || second == 'a' || second == 'b');
        i += 6;
        if (!surrogate) continue;
        const bool paired = high && i + 6 <= text.size() && text[i] == '\\' && text[i + 1] == 'u' &&
                            ascii_lower(text[i + 2]) == 'd' && ascii_lower(text[i + 3]) >= 'c';
        if (paired) {
            i += 6;
        } else {
            lone = true;
        }
    }
    return true;
}

}  // namespace

PaddedText::PaddedText(std::string_view text) {
    *this = with_size(text.size());
    if (!text.empty()) std::memcpy(bytes_.get(), text.data(), text.size());
}

PaddedText PaddedText::with_size(size_t size) {
    PaddedText out;
    out.bytes_ = std::make_unique_for_overwrite<char[]>(size + kPadding);
    out.size_ = size;
    std::memset(out.bytes_.get() + size, 0, kPadding);
    return out;
}

void PaddedText::resize(size_t size) {
    size_ = std::min(size_, size);
    std::memset(bytes_.get() + size_, 0, kPadding);
}

// simdjson's parser object, of which only stage 1 is used. The interface is public in its header
// but internal in spirit; the version is pinned by Debian 12 (3.0.1) and the tests cover what we
// rely on.
struct JsonDocument::Stage1 {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
    size_t capacity = 0;
};

JsonDocument::JsonDocument() : stage1_(std::make_unique<Stage1>()) {}
JsonDocument::~JsonDocument() = default;
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;

std::optional<Fault> JsonDocument::index(std::string_view text) {
    text_ = text;
    count_ = 0;
    clean_from_ = next_backslash_ = 0;
    if (text.size() > (size_t{2} << 30)) return Fault{FaultCode::too_long, 0};
    if (trim(text).empty()) return std::nullopt;
    Stage1& stage = *stage1_;
    if (stage.capacity < text.size()) {
        const size_t capacity = std::max(text.size(), size_t{1} << 16);
        const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
            capacity, kMaxDepth, stage.parser);
        stage.capacity = error ? 0 : capacity;
        if (error) return Fault{FaultCode::too_long, 0};
    }
    const auto error = stage.parser->stage1(
        reinterpret_cast<const uint8_t*>(text.data()), text.size(), simdjson::stage1_mode::regular);
    if (error == simdjson::UTF8_ERROR) return Fault{FaultCode::bad_utf8, 0};
    if (error) return Fault{FaultCode::bad_json, 0};
    count_ = stage.parser->n_structural_indexes;
    starts_ = stage.parser->structural_indexes.get();
    return std::nullopt;
}

// The recursive descent over the index. One object per call of walk_record/skip, on the stack.
class Walk {
  public:
    Walk(JsonDocument& document, uint32_t at)
        : document_(document),
          text_(document.text_.data()),
          starts_(document.starts_),
          count_(document.count_),
          at_(at) {}

    uint32_t at() const { return at_; }
    Fault fault() const { return {code_, offset(std::min(at_, count_))}; }

    bool skip_value(uint32_t depth);
    bool read_value(ValueView& value, uint32_t depth);
    bool fill(Event& event);
    uint8_t oddities() const { return oddities_; }

  private:
    uint64_t offset(uint32_t i) const { return i < count_ ? starts_[i] : document_.text_.size(); }
    char peek() const { return at_ < count_ ? text_[starts_[at_]] : '\0'; }
    bool fail(FaultCode code) {
        code_ = code;
        return false;
    }
    bool expect(char wanted) {
        if (peek() != wanted) return fail(FaultCode::bad_json);
        ++at_;
        return true;
    }

    // End of the scalar or string starting at index entry i: the next entry's start, blanks
    // trimmed.
    uint64_t scalar_end(uint32_t i) const {
        uint64_t end = offset(i + 1);
        while (is_blank(text_[end - 1])) --end;
        return end;
    }

    bool check_string(ValueView& value);
    bool skip_string() {
        // Without a backslash before the next value there is nothing to check.
        if (starts_[at_] >= document_.clean_from_ && document_.next_backslash_ >= offset(at_ + 1)) {
            ++at_;
            return true;
        }
        ValueView ignored;
        return check_string(ignored);
    }
    bool check_scalar(ValueView& value);
    bool skip_container(uint32_t depth);
    bool walk_value(Event& event, uint32_t id, uint32_t depth, bool in_array);
    bool walk_object(Event& event, uint32_t id, uint32_t depth, bool in_array);
    bool walk_array(Event& event, uint32_t id, uint32_t depth);
    bool find_key(Event& event, const FieldPlan::Node& node, uint32_t& id, ValueView& key);
    enum class Taken : uint8_t { no, yes, fault };
    Taken take_clean_member(Event& event,
                            const FieldPlan::Node& parent,
                            uint32_t& before,
                            uint32_t depth,
                            bool in_array);
    bool take_clean_string(ValueView& value);
    bool walk_member(
        Event& event, const FieldPlan::Node& node, uint32_t& before, uint32_t depth, bool in_array);

    JsonDocument& document_;
    const char* text_;
    const uint32_t* starts_;
    uint32_t count_;
    uint32_t at_;
    uint32_t keys_ = 0;
    uint8_t oddities_ = 0;
    FaultCode code_ = FaultCode::bad_json;
};

// A string between its quotes; checks escapes. The place of the next backslash is remembered, so
// text without any costs one pass of memchr over the whole document.
bool Walk::check_string(ValueView& value) {
    const uint64_t start = starts_[at_] + 1;
    const uint64_t end = scalar_end(at_) - 1;
    // Index entries of strings start at a quote; the closing one is the last non-blank byte before
    // the next entry.
    if (text_[start - 1] != '"' || end < start || text_[end] != '"')
        return fail(FaultCode::bad_json);
    size_t& next = document_.next_backslash_;
    if (next < start || start < document_.clean_from_) {
        const void* found = std::memchr(text_ + start, '\\', document_.text_.size() - start);
        next = found ? static_cast<size_t>(static_cast<const char*>(found) - text_) : SIZE_MAX;
        document_.clean_from_ = start;
    }
    value.data = text_ + start;
    value.size = static_cast<uint32_t>(end - start);
    value.kind = Kind::string;
    value.escaped = next < end;
    if (next < end) {
        bool lone = false;
        if (!has_valid_escapes(value.text(), lone)) return fail(FaultCode::bad_json);
        if (lone) oddities_ |= kRepaired;
    }
    ++at_;
    return true;
}

bool Walk::check_scalar(ValueView& value) {
    const uint64_t start = starts_[at_];
    const std::string_view text(text_ + start, scalar_end(at_) - start);
    value = {text.data(), static_cast<uint32_t>(text.size()), Kind::number, false};
    switch (text[0]) {
        case 't':
        case 'f':
            value.kind = Kind::boolean;
            if (text != "true" && text != "false") return fail(FaultCode::bad_json);
            break;
        case 'n':
            value.kind = Kind::null;
            if (text != "null") return fail(FaultCode::bad_json);
            break;
        default: {
            bool big = false;
            if (!is_number(text, big)) return fail(FaultCode::bad_json);
            if (big) oddities_ |= kRepaired;
        }
    }
    ++at_;
    return true;
}

// Checks a whole container without looking at its fields. Iterative: depth is bounded by a bit per
// level.
bool Walk::skip_container(uint32_t depth) {
    bool is_object[kMaxDepth + 1];
    const uint32_t base = depth;
    ValueView ignored;
    for (;;) {
        // Here peek() is an opening bracket.
        if (depth >= kMaxDepth) return fail(FaultCode::too_deep);
        const bool object = peek() == '{';
        is_object[depth++] = object;
        ++at_;
        bool closed = peek() == (object ? '}' : ']');
        if (closed) ++at_;
        for (;;) {
            if (closed) {
                if (--depth == base) return true;
            } else {
                if (is_object[depth - 1]) {
                    if (peek() != '"') return fail(FaultCode::bad_json);
                    if (++keys_ > kMaxKeys) return fail(FaultCode::too_many_keys);
                    if (!skip_string() || !expect(':')) return false;
                }
                const char c = peek();
                if (c == '{' || c == '[') break;
                if (c == '"') {
                    if (!skip_string()) return false;
                } else if (at_ >= count_ || !check_scalar(ignored)) {
                    return fail(FaultCode::bad_json);
                }
            }
            const char close = is_object[depth - 1] ? '}' : ']';
            const char c = peek();
            if (c == ',') {
                ++at_;
                closed = false;
            } else if (c == close) {
                ++at_;
                closed = true;
            } else {
                return fail(FaultCode::bad_json);
            }
        }
    }
}

bool Walk::skip_value(uint32_t depth) {
    const char c = peek();
    if (c == '"') return skip_string();
    if (c == '{' || c == '[') return skip_container(depth);
    ValueView ignored;
    if (at_ >= count_) return fail(FaultCode::bad_json);
    return check_scalar(ignored);
}

bool Walk::read_value(ValueView& value, uint32_t depth) {
    const char c = peek();
    if (c == '"') return check_string(value);
    if (c == '{' || c == '[') {
        const uint64_t start = starts_[at_];
        if (!skip_container(depth)) return false;
        const uint64_t end = starts_[at_ - 1] + 1;
        value = {text_ + start,
                 static_cast<uint32_t>(end - start),
                 c == '{' ? Kind::object : Kind::array,
                 false};
        return true;
    }
    if (at_ >= count_) return fail(FaultCode::bad_json);
    return check_scalar(value);
}

bool Walk::walk_value(Event& event, uint32_t id, uint32_t depth, bool in_array) {
    const FieldPlan::Node& node = event.plan().node(id);
    const char c = peek();
    const bool container = c == '{' || c == '[';
    if (!container) {
        ValueView unwanted;
        return read_value(node.slot != kNoSlot ? event.next_value(node.slot) : unwanted, depth);
    }
    const uint64_t start = starts_[at_];
    if (c == '{') {
        if (node.has_children || node.takes_extra) {
            if (!walk_object(event, id, depth, in_array)) return false;
        } else if (!skip_container(depth)) {
            return false;
        }
        if (node.slot != kNoSlot) {
            const uint64_t end = starts_[at_ - 1] + 1;
            event.add(node.slot,
                      {text_ + start, static_cast<uint32_t>(end - start), Kind::object, false});
        }
        return true;
    }
    if (node.slot == kNoSlot) return walk_array(event, id, depth);
    const uint32_t place = event.reserve_value(node.slot);
    if (!walk_array(event, id, depth)) return false;
    const uint64_t end = starts_[at_ - 1] + 1;
    event.fill_reserved(
        node.slot, place, {text_ + start, static_cast<uint32_t>(end - start), Kind::array, false});
    return true;
}

bool Walk::walk_array(Event& event, uint32_t id, uint32_t depth) {
    if (depth >= kMaxDepth) return fail(FaultCode::too_deep);
    ++at_;
    if (peek() == ']') {
        ++at_;
        return true;
    }
    for (;;) {
        if (!walk_value(event, id, depth + 1, true)) return false;
        const char c = peek();
        ++at_;
        if (c == ']') return true;
        if (c != ',') {
            --at_;
            return fail(FaultCode::bad_json);
        }
    }
}

// The node a key leads to, 0 when nobody wants it. Moves past key and colon.
bool Walk::find_key(Event& event, const FieldPlan::Node& node, uint32_t& id, ValueView& key) {
    if (peek() != '"') return fail(FaultCode::bad_json);
    if (++keys_ > kMaxKeys) return fail(FaultCode::too_many_keys);
    if (!check_string(key) || !expect(':')) return false;
    std::string_view name = key.text();
    if (key.escaped) {
        // The wide compare of child() reads 8 bytes behind the key.
        std::string plain;
        append_unescaped(plain, name);
        char* copy = event.arena().allocate(plain.size() + 8);
        std::memcpy(copy, plain.data(), plain.size());
        std::memset(copy + plain.size(), 0, 8);
        name = {copy, plain.size()};
    }
    id = event.plan().child(node, name);
    return true;
}

bool Walk::walk_member(
    Event& event, const FieldPlan::Node& node, uint32_t& before, uint32_t depth, bool in_array) {
    const FieldPlan& plan = event.plan();
    uint32_t id = 0;
    ValueView key;
    if (!find_key(event, node, id, key)) return false;
    const bool extra =
        plan.collects_extra() && node.takes_extra && (id == 0 || !plan.node(id).known);
    if (id != 0) {
        before = id;
        if (!in_array && !event.mark_node(id)) {
            oddities_ |= kDuplicateKey;  // the first one counts, for rules and lake alike
            return skip_value(depth);
        }
    }
    if (extra) {
        const uint32_t start = at_;
        ValueView value;
        if (!read_value(value, depth)) return false;
        event.add_extra({plan.path_of(node), key, value});
        if (id != 0) at_ = start;
    } else if (id == 0) {
        return skip_value(depth);
    }
    return id == 0 || walk_value(event, id, depth, in_array);
}

// A string without escapes, where it is known that there are none. False, with nothing done, when
// it is anything else.
inline bool Walk::take_clean_string(ValueView& value) {
    const uint64_t start = starts_[at_];
    uint64_t end = starts_[at_ + 1] - 1;
    while (is_blank(text_[end])) --end;
    const bool is_clean = end != start && text_[end] == '"' && end <= document_.next_backslash_;
    if (!is_clean) return false;
    value.data = text_ + start + 1;
    value.size = static_cast<uint32_t>(end - start - 1);
    value.kind = Kind::string;
    value.escaped = false;
    ++at_;
    return true;
}

// The usual member, whose key has no escapes and is followed by its colon. Nearly all members of
// all records are taken here, most of them by the key that came after the one before last time.
// `no`, with nothing done, leaves it to walk_member().
inline Walk::Taken Walk::take_clean_member(
    Event& event, const FieldPlan::Node& parent, uint32_t& before, uint32_t depth, bool in_array) {
    if (at_ + 3 >= count_) return Taken::no;
    const FieldPlan& plan = event.plan();
    const uint32_t* const s = starts_ + at_;  // key, colon, value, whatever follows
    const bool is_clean = text_[s[0]] == '"' && text_[s[1]] == ':' && text_[s[1] - 1] == '"' &&
                          s[1] - s[0] >= 2 && s[0] >= document_.clean_from_ &&
                          s[2] <= document_.next_backslash_;
    if (!is_clean) return Taken::no;
    const std::string_view key(text_ + s[0] + 1, s[1] - s[0] - 2);
    uint32_t id = event.expected_after(before);
    if (id == 0 || !FieldPlan::is_key_of(plan.node(id), key)) {
        id = plan.child(parent, key);
        if (id != 0) event.expect_after(before, id);
    }
    const FieldPlan::Node& node = plan.node(id);
    if (plan.collects_extra() && parent.takes_extra && !node.plain) return Taken::no;
    if (++keys_ > kMaxKeys) return fail(FaultCode::too_many_keys), Taken::fault;
    at_ += 2;
    bool wanted = id != 0;
    if (wanted) {
        before = id;
        if (!in_array && !event.mark_node(id)) {
            oddities_ |= kDuplicateKey;  // the first one counts, for rules and lake alike
            wanted = false;
        }
    }
    if (!wanted) return skip_value(depth) ? Taken::yes : Taken::fault;
    if (text_[s[2]] == '"' && node.slot != kNoSlot) {
        ValueView& value = event.next_value(node.slot);
        if (take_clean_string(value)) return Taken::yes;
        return check_string(value) ? Taken::yes : Taken::fault;
    }
    return walk_value(event, id, depth, in_array) ? Taken::yes : Taken::fault;
}

bool Walk::walk_object(Event& event, uint32_t id, uint32_t depth, bool in_array) {
    if (depth >= kMaxDepth) return fail(FaultCode::too_deep);
    const FieldPlan::Node& node = event.plan().node(id);
    uint32_t before = event.first_key_of(id);
    ++at_;
    if (peek() == '}') {
        ++at_;
        return true;
    }
    for (;;) {
        const Taken taken = take_clean_member(event, node, before, depth + 1, in_array);
        if (taken == Taken::fault) return false;
        if (taken == Taken::no && !walk_member(event, node, before, depth + 1, in_array))
            return false;
        const char c = peek();
        ++at_;
        if (c == '}') return true;
        if (c != ',') {
            --at_;
            return fail(FaultCode::bad_json);
        }
    }
}

bool Walk::fill(Event& event) {
    if (peek() != '{') return fail(FaultCode::not_a_record);
    const uint64_t start = starts_[at_];
    if (!walk_object(event, 0, 0, false)) return false;
    const uint64_t end = starts_[at_ - 1] + 1;
    if (end - start > kMaxRecordBytes) return fail(FaultCode::too_long);
    event.record = {text_ + start, end - start};
    event.oddities |= oddities_;
    return true;
}

std::optional<Fault> JsonDocument::skip(uint32_t& at) {
    Walk walk(*this, at);
    const bool ok = walk.skip_value(0);
    at = walk.at();
    if (!ok) return walk.fault();
    return std::nullopt;
}

std::optional<Fault> JsonDocument::read(uint32_t& at, ValueView& value) {
    Walk walk(*this, at);
    const bool ok = walk.read_value(value, 0);
    at = walk.at();
    if (!ok) return walk.fault();
    return std::nullopt;
}

std::optional<uint32_t> JsonDocument::find(uint32_t at, std::string_view key) {
    if (at >= count_ || this->at(at) != '{') return std::nullopt;
    ++at;
    while (at < count_ && this->at(at) == '"') {
        ValueView name;
        if (read(at, name) || at >= count_ || this->at(at) != ':') return std::nullopt;
        ++at;
        if (at >= count_) return std::nullopt;
        if (name.text() == key) return at;
        if (!skip_balanced(*this, at) || at >= count_ || this->at(at) != ',') return std::nullopt;
        ++at;
    }
    return std::nullopt;
}

std::optional<Fault> walk_record(JsonDocument& document, uint32_t& at, Event& event) {
    Walk walk(document, at);
    if (!walk.fill(event)) return walk.fault();
    at = walk.at();
    return std::nullopt;
}

bool skip_balanced(const JsonDocument& document, uint32_t& at) {
    uint32_t depth = 0;
    while (at < document.size()) {
        const char c = document.at(at++);
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') {
            if (depth == 0) return false;
            --depth;
        }
        if (depth == 0) return true;
    }
    return false;
}

void for_each_leaf(std::string_view padded_text,
                   const std::function<bool(const ValueView&)>& visit) {
    JsonDocument document;
    if (document.index(padded_text)) return;
    for (uint32_t at = 0; at < document.size();) {
        const char c = document.at(at);
        const bool is_key = c == '"' && at + 1 < document.size() && document.at(at + 1) == ':';
        if (std::strchr("{}[]:,", c) != nullptr || is_key) {
            ++at;
            continue;
        }
        ValueView value;
        if (document.read(at, value) || visit(value)) return;
    }
}

}  // namespace yagura::event
