#include "match/term.h"

#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "base/time.h"
#include "match/options.h"
#include "match/value_match.h"

namespace yagura::match {
namespace {

using event::Kind;
using event::ValueView;
using Texts = std::vector<std::string>;

// --- inside JSON text ---

bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// Moves over one valid JSON text. Whatever the text, it ends and stays inside.
class JsonCursor {
  public:
    explicit JsonCursor(std::string_view text) : text_(text) { skip_blanks(); }

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) {
        if (peek() != c) return false;
        ++at_;
        skip_blanks();
        return true;
    }

    // The value here with its quotes or brackets, moving past it.
    std::string_view value() {
        const size_t from = at_;
        uint32_t open = 0;
        do {
            const char c = peek();
            if (c == '"') {
                skip_string();
            } else {
                if (c == '{' || c == '[') ++open;
                if ((c == '}' || c == ']') && open > 0) --open;
                ++at_;
            }
        } while (at_ < text_.size() && (open > 0 || !at_end_of_value()));
        at_ = std::min(at_, text_.size());
        const std::string_view out = text_.substr(from, at_ - from);
        skip_blanks();
        return out;
    }

  private:
    bool at_end_of_value() const {
        const char before = text_[at_ - 1];
        if (before == '"' || before == '}' || before == ']') return true;
        const char c = peek();
        return c == ',' || c == '}' || c == ']' || c == ':' || is_blank(c);
    }
    void skip_string() {
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\') ++at_;
        }
        ++at_;
    }
    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }

    std::string_view text_;
    size_t at_ = 0;
};

// A string without quotes and escapes; other values as they stand.
std::string plain(std::string_view value) {
    if (value.size() < 2 || value[0] != '"') return std::string(value);
    std::string out;
    event::append_unescaped(out, value.substr(1, value.size() - 2));
    return out;
}

std::optional<std::string_view> member(std::string_view json, std::string_view name) {
    JsonCursor cursor(json);
    if (!cursor.take('{')) return std::nullopt;
    while (cursor.peek() == '"') {
        const std::string_view key = cursor.value();
        if (!cursor.take(':')) return std::nullopt;
        const std::string_view value = cursor.value();
        if (plain(key) == name) return value;
        if (!cursor.take(',')) return std::nullopt;
    }
    return std::nullopt;
}

template <class Wanted>
std::optional<std::string_view> element(std::string_view json, Wanted&& wanted) {
    JsonCursor cursor(json);
    if (!cursor.take('[') || cursor.peek() == ']') return std::nullopt;
    do {
        if (cursor.peek() == '\0') return std::nullopt;
        const std::string_view value = cursor.value();
        if (wanted(value)) return value;
    } while (cursor.take(','));
    return std::nullopt;
}

std::optional<std::string_view> step_into(std::string_view json, const Term::Step& step) {
    if (step.wanted) {
        return element(json, [&](std::string_view value) {
            const auto found = member(value, step.name);
            return found && plain(*found) == *step.wanted;
        });
    }
    if (!json.starts_with('[')) return member(json, step.name);
    uint32_t index = 0;
    const auto [end, error] =
        std::from_chars(step.name.data(), step.name.data() + step.name.size(), index);
    if (error != std::errc() || end != step.name.data() + step.name.size()) return std::nullopt;
    return element(json, [&](std::string_view) { return index-- == 0; });
}

// --- computing ---

std::optional<std::string> decode_base64(std::string_view text) {
    const auto digit = [](char c) -> int {
        if (c >= 'A' && c <= 'Z') return c - 'A';
        if (c >= 'a' && c <= 'z') return c - 'a' + 26;
        if (c >= '0' && c <= '9') return c - '0' + 52;
        if (c == '+' || c == '-') return 62;
        if (c == '/' || c == '_') return 63;
        return -1;
    };
    const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    if (padding != 0 && text.size() % 4 != 0) return std::nullopt;
    text.remove_suffix(padding);
    if (text.size() % 4 == 1) return std::nullopt;
    std::string out;
    uint32_t bits = 0;
    int have = 0;
    for (const char c : text) {
        const int value = digit(c);
        if (value < 0) return std::nullopt;
        bits = bits << 6 | static_cast<uint32_t>(value);
        have += 6;
        if (have < 8) continue;
        have -= 8;
        out += static_cast<char>(bits >> have & 0xFF);
    }
    return out;
}

std::optional<std::string> part_of(const std::string& text, const Term& term) {
    if (term.text.empty() || term.index >= term.parts) return std::nullopt;
    std::optional<std::string> found;
    uint32_t count = 0;
    for (size_t at = 0;; ++count) {
        const size_t end = std::min(text.find(term.text, at), text.size());
        if (count == term.index) found = text.substr(at, end - at);
        if (end == text.size()) break;
        at = end + term.text.size();
    }
    return count + 1 == term.parts ? found : std::nullopt;
}

std::string without_end(std::string text, const std::string& end) {
    if (text.size() > end.size() && text.ends_with(end)) text.resize(text.size() - end.size());
    return text;
}

std::string format_event_time(Timestamp time, const std::string& form) {
    const std::string iso = format_iso8601(time);
    const int64_t micros = to_micros(time);
    if (form == "iso8601") return iso;
    if (form == "date") return iso.substr(0, 10);
    if (form == "s") return std::to_string(micros / 1'000'000);
    if (form == "ns") return std::to_string(micros) + "000";
    const int64_t fraction = ((micros % 1'000'000) + 1'000'000) % 1'000'000;
    const size_t clock = iso.find('T');
    return fmt::format(
        "{}.{:06d}000", clock == std::string::npos ? iso : iso.substr(clock + 1, 8), fraction);
}

class TermReader {
  public:
    explicit TermReader(const event::Event& event) : event_(event) {}

    // Appends the values of a term.
    void read(const Term& term, Texts& out, uint32_t depth = 0) {
        if (depth > kMaxTermDepth) return;
        using K = Term::Kind;
        switch (term.kind) {
            case K::literal:
                out.push_back(term.text);
                return;
            case K::field:
            case K::each:
                return read_field(term, out);
            case K::record:
                out.emplace_back(event_.record);
                return;
            case K::event_time:
                out.push_back(format_event_time(event_.time, term.text));
                return;
            case K::ordinal:
                out.push_back(std::to_string(event_.ordinal + 1));
                return;
            case K::first:
                for (const Term& inner : term.terms) {
                    const size_t before = out.size();
                    read(inner, out, depth + 1);
                    if (out.size() != before) return;
                }
                return;
            case K::when:
                if (term.terms.size() == 2 && one(term.terms[0], depth) == term.text)
                    read(term.terms[1], out, depth + 1);
                return;
            case K::options: {
                Texts words;
                if (!term.terms.empty()) read(term.terms[0], words, depth + 1);
                return append_options(
                    words, term.text, term.path.empty() ? "" : term.path[0].name, out);
            }
            case K::concat:
            case K::join:
            case K::sum:
            case K::count:
                return read_many(term, out, depth);
            default:
                break;
        }
        if (term.terms.empty()) return;
        if (auto text = one(term.terms[0], depth)) {
            if (auto changed = change(term, std::move(*text))) out.push_back(std::move(*changed));
        }
    }

  private:
    std::optional<std::string> one(const Term& term, uint32_t depth) {
        Texts values;
        read(term, values, depth + 1);
        if (values.empty()) return std::nullopt;
        return std::move(values[0]);
    }

    void read_field(const Term& term, Texts& out) {
        const bool only_first = term.kind == Term::Kind::field;
        const event::SlotId slot = event_.plan().find(term.text);
        if (slot == event::kNoSlot) return;
        const size_t before = out.size();
        event_.any_value(slot, [&](const ValueView& view) {
            const bool wanted = view.kind != Kind::null && (only_first || view.kind != Kind::array);
            if (view.kind == Kind::null && term.null_is_text) {
                out.emplace_back("null");
            } else if (wanted) {
                value_.read(view);
                out.emplace_back(value_.text());
            }
            return only_first || out.size() - before >= kMaxEachValues;
        });
    }

    static std::optional<std::string> change(const Term& term, std::string text) {
        switch (term.kind) {
            case Term::Kind::at:
                return json_at(text, term.path, term.null_is_text);
            case Term::Kind::lower:
                for (char& c : text) c = ascii_lower(c);
                return text;
            case Term::Kind::upper:
                for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
                return text;
            case Term::Kind::base64:
                return decode_base64(text);
            case Term::Kind::base_name:
                return text.substr(text.find_last_of('/') + 1);
            case Term::Kind::length:
                return std::to_string(text.size());
            case Term::Kind::part:
                return part_of(text, term);
            case Term::Kind::without_end:
                return without_end(std::move(text), term.text);
            default:
                return std::nullopt;
        }
    }

    // Terms over all values of all their terms.
    void read_many(const Term& term, Texts& out, uint32_t depth) {
        Texts values;
        for (const Term& inner : term.terms) {
            const size_t before = values.size();
            read(inner, values, depth + 1);
            if (values.size() == before && term.kind == Term::Kind::concat) return;
        }
        if (values.empty()) return;
        if (term.kind == Term::Kind::count) return out.push_back(std::to_string(values.size()));
        if (term.kind == Term::Kind::sum) return out.push_back(sum(values));
        std::string joined;
        for (const std::string& value : values) {
            if (&value != &values.front() && term.kind == Term::Kind::join) joined += term.text;
            joined += value;
        }
        out.push_back(std::move(joined));
    }

    static std::string sum(const Texts& values) {
        uint64_t total = 0;
        for (const std::string& value : values) {
            const auto number = parse_number(value);
            if (number && *number > 0 && *number < 9e18) total += static_cast<uint64_t>(*number);
        }
        return std::to_string(total);
    }

    const event::Event& event_;
    ValueText value_;
};

bool value_holds(const Predicate& predicate,
                 const std::vector<Operand>& operands,
                 const std::string& text) {
    if (predicate.op == Op::empty) return text.empty();
    ValueText value;
    value.read(ValueView::of_string(text));
    for (const Operand& operand : operands) {
        if (value_matches(predicate, operand, value)) return true;
    }
    return false;
}

}  // namespace

std::optional<std::string> json_at(std::string_view json,
                                   const std::vector<Term::Step>& path,
                                   bool null_is_text) {
    std::optional<std::string_view> value = json;
    for (const Term::Step& step : path) {
        value = step_into(*value, step);
        if (!value) return std::nullopt;
    }
    if (value->empty() || (*value == "null" && !null_is_text)) return std::nullopt;
    return plain(*value);
}

std::optional<std::string> term_text(const Term& term, const event::Event& event) {
    Texts values;
    TermReader(event).read(term, values);
    if (values.empty()) return std::nullopt;
    return std::move(values[0]);
}

bool terms_hold(const Predicate& predicate, const event::Event& event) {
    TermReader reader(event);
    Texts values;
    reader.read(predicate.terms[0], values);
    if (predicate.op == Op::null) return values.empty();
    if (values.empty()) return false;
    if (predicate.op == Op::exists || predicate.op == Op::present) return true;
    std::vector<Operand> operands = predicate.operands;
    for (size_t i = 1; i < predicate.terms.size(); ++i) {
        Texts others;
        reader.read(predicate.terms[i], others);
        for (std::string& other : others)
            operands.push_back({Operand::Kind::text, std::move(other), 0});
    }
    for (const std::string& value : values) {
        const bool holds = value_holds(predicate, operands, value);
        if (holds != predicate.every) return holds;
    }
    return predicate.every;
}

}  // namespace yagura::match
