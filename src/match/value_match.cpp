#include "match/value_match.h"

#include <charconv>
#include <chrono>
#include <cstring>

#include "base/ip.h"
#include "base/text.h"
#include "base/time.h"
#include "match/regex.h"

namespace yagura::match {
namespace {

using event::Kind;
using event::ValueView;

bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Past the string that opens at `at` (a quote), or the end of the text.
size_t skip_string(std::string_view text, size_t at) {
    for (++at; at < text.size(); ++at) {
        if (text[at] == '"') return at + 1;
        if (text[at] == '\\') ++at;
    }
    return text.size();
}

bool has_blanks(std::string_view json) {
    for (size_t at = 0; at < json.size();) {
        if (is_blank(json[at])) return true;
        at = json[at] == '"' ? skip_string(json, at) : at + 1;
    }
    return false;
}

void compact_into(std::string& out, std::string_view json) {
    out.clear();
    for (size_t at = 0; at < json.size();) {
        const size_t end = json[at] == '"' ? skip_string(json, at) : at + 1;
        if (!is_blank(json[at])) out.append(json, at, end - at);
        at = end;
    }
}

// "-007" → sign and "7"; the digits are empty when the text is no whole number.
struct Whole {
    bool negative = false;
    std::string_view digits;
};

Whole read_whole(std::string_view text) {
    Whole whole;
    if (!text.empty() && text[0] == '-') {
        whole.negative = true;
        text.remove_prefix(1);
    }
    for (const char c : text) {
        if (!is_digit(c)) return {};
    }
    while (text.size() > 1 && text[0] == '0') text.remove_prefix(1);
    if (text == "0") whole.negative = false;
    whole.digits = text;
    return whole;
}

// Monday-based, week 1 holds the year's first Thursday.
int iso_week(std::chrono::sys_days day) {
    using namespace std::chrono;
    const auto thursday = day - days(weekday(day).iso_encoding()) + days(4);
    const auto new_year = sys_days(year_month_day(thursday).year() / January / 1);
    return static_cast<int>((thursday - new_year).count() / 7 + 1);
}

// A buffer that an unusual value made large is given back.
void forget(std::string& buffer) {
    constexpr size_t kKept = 1 << 20;
    if (buffer.capacity() > kKept) std::string().swap(buffer);
}

constexpr uint64_t kEachByte = 0x0101010101010101;
constexpr uint64_t kHighBits = 0x80 * kEachByte;

// ascii_lower() of eight bytes, none of which has its high bit set: the high bit of a byte plus
// 0x80 − 'A' says it is 'A' or above, plus 0x7F − 'Z' that it is above 'Z'.
uint64_t lower_bytes(uint64_t word) {
    const uint64_t from_a = word + (0x80 - 'A') * kEachByte;
    const uint64_t above_z = word + (0x7F - 'Z') * kEachByte;
    return word | ((from_a & ~above_z & kHighBits) >> 2);
}

bool time_matches(const Predicate& predicate, const Operand& operand, std::string_view text) {
    const auto wanted = number_of(operand);
    const auto part = time_part(predicate.part, text);
    return wanted && part && compare_numbers(predicate.op, *part, *wanted);
}

bool texts_match(const Predicate& predicate, std::string_view operand, ValueText& value) {
    const Op op = predicate.op;
    if (predicate.cased) {
        return text_matches(op, value.text(), operand) ||
               (op != Op::equals && value.has_inner() && text_matches(op, value.inner(), operand));
    }
    const std::string folded = fold_case(operand);
    return text_matches(op, value.folded(), folded) ||
           (op != Op::equals && value.has_inner() &&
            text_matches(op, value.folded_inner(), folded));
}

}  // namespace

void ValueText::read(const ValueView& value) {
    for (std::string* buffer : {&compact_, &plain_, &folded_, &folded_inner_}) forget(*buffer);
    has_text_ = value.kind != Kind::absent && value.kind != Kind::null;
    has_inner_ = is_folded_ = is_inner_folded_ = false;
    text_ = has_text_ ? value.text() : std::string_view();
    const bool container = value.kind == Kind::object || value.kind == Kind::array;
    if (container && has_blanks(text_)) {
        compact_into(compact_, text_);
        text_ = compact_;
    }
    inner_ = text_;
    const bool escapes = container ? text_.find('\\') != std::string_view::npos : value.escaped;
    if (!has_text_ || !escapes) return;
    plain_.clear();
    event::append_unescaped(plain_, text_);
    inner_ = plain_;
    has_inner_ = container;
    if (!container) text_ = plain_;
}

std::string_view ValueText::folded() {
    if (!is_folded_) fold_into(folded_, text_);
    is_folded_ = true;
    return folded_;
}

std::string_view ValueText::folded_inner() {
    if (!has_inner_) return folded();
    if (!is_inner_folded_) fold_into(folded_inner_, inner_);
    is_inner_folded_ = true;
    return folded_inner_;
}

void fold_into(std::string& out, std::string_view text) {
    out.resize(text.size());
    size_t at = 0;
    for (uint64_t word; at + sizeof word <= text.size(); at += sizeof word) {
        std::memcpy(&word, text.data() + at, sizeof word);
        if ((word & kHighBits) != 0) break;
        word = lower_bytes(word);
        std::memcpy(out.data() + at, &word, sizeof word);
    }
    for (; at < text.size() && static_cast<signed char>(text[at]) >= 0; ++at)
        out[at] = ascii_lower(text[at]);
    if (at == text.size()) return;
    out.resize(at);
    append_folded(out, text.substr(at));
}

bool glob_matches(std::string_view text, std::string_view pattern) {
    size_t at = 0;
    size_t wanted = 0;
    size_t run = std::string_view::npos;  // the last kAnyRun, and where its text ends for now
    size_t run_end = 0;
    while (at < text.size()) {
        const bool more = wanted < pattern.size();
        if (more && pattern[wanted] == kAnyRun) {
            run = wanted++;
            run_end = at;
        } else if (more && pattern[wanted] == kAnyOne) {
            next_code_point(text, at);
            ++wanted;
        } else if (more && pattern[wanted] == text[at]) {
            ++at;
            ++wanted;
        } else if (run != std::string_view::npos) {
            next_code_point(text,
                            run_end);  // a whole one, or kAnyOne behind it would split characters
            at = run_end;
            wanted = run + 1;
        } else {
            return false;
        }
    }
    while (wanted < pattern.size() && pattern[wanted] == kAnyRun) ++wanted;
    return wanted == pattern.size();
}

bool text_matches(Op op, std::string_view text, std::string_view operand) {
    switch (op) {
        case Op::equals:
            return text == operand;
        case Op::contains:
            return text.find(operand) != std::string_view::npos;
        case Op::starts_with:
            return text.starts_with(operand);
        case Op::ends_with:
            return text.ends_with(operand);
        case Op::glob:
            return glob_matches(text, operand);
        case Op::keyword: {
            constexpr char kWildcards[] = {kAnyRun, kAnyOne};
            if (operand.find_first_of(std::string_view(kWildcards, 2)) == std::string_view::npos) {
                return text.find(operand) != std::string_view::npos;
            }
            return glob_matches(text, kAnyRun + std::string(operand) + kAnyRun);
        }
        case Op::text_less:
            return text < operand;
        case Op::text_less_equal:
            return text <= operand;
        case Op::text_greater:
            return text > operand;
        case Op::text_greater_equal:
            return text >= operand;
        default:
            return false;
    }
}

std::optional<double> parse_number(std::string_view text) {
    const size_t sign = !text.empty() && text[0] == '-' ? 1 : 0;
    if (text.size() <= sign || !is_digit(text[sign])) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool number_equals(std::string_view text, const Operand& operand) {
    const auto value = parse_number(text);
    if (!value) return false;
    const Whole a = read_whole(text);
    const Whole b = read_whole(operand.text);
    if (!a.digits.empty() && !b.digits.empty())
        return a.digits == b.digits && a.negative == b.negative;
    return *value == operand.number;
}

std::optional<double> number_of(const Operand& operand) {
    if (operand.kind == Operand::Kind::number) return operand.number;
    if (operand.kind == Operand::Kind::text) return parse_number(operand.text);
    return std::nullopt;
}

std::string_view text_of(const Operand& operand) {
    if (operand.kind == Operand::Kind::boolean) return operand.number != 0 ? "true" : "false";
    return operand.text;
}

bool compare_numbers(Op op, double value, double operand) {
    switch (op) {
        case Op::equals:
            return value == operand;
        case Op::less:
            return value < operand;
        case Op::less_equal:
            return value <= operand;
        case Op::greater:
            return value > operand;
        case Op::greater_equal:
            return value >= operand;
        default:
            return false;
    }
}

bool is_comparison(Op op) {
    return op == Op::less || op == Op::less_equal || op == Op::greater || op == Op::greater_equal;
}

std::optional<int> time_part(TimePart part, std::string_view text) {
    using namespace std::chrono;
    auto time = parse_iso8601(text);
    if (!time) time = parse_epoch(text);
    if (!time) return std::nullopt;
    const auto midnight = floor<days>(*time);
    const year_month_day date(midnight);
    const auto since_midnight = static_cast<int>(duration_cast<minutes>(*time - midnight).count());
    switch (part) {
        case TimePart::none:
            return std::nullopt;
        case TimePart::minute:
            return since_midnight % 60;
        case TimePart::hour:
            return since_midnight / 60;
        case TimePart::day:
            return static_cast<int>(static_cast<unsigned>(date.day()));
        case TimePart::week:
            return iso_week(midnight);
        case TimePart::month:
            return static_cast<int>(static_cast<unsigned>(date.month()));
        case TimePart::year:
            return static_cast<int>(date.year());
    }
    return std::nullopt;
}

bool is_field_op(Op op) {
    return op == Op::field_equals || op == Op::field_contains || op == Op::field_starts_with ||
           op == Op::field_ends_with;
}

Op plain_op(Op op) {
    switch (op) {
        case Op::field_contains:
            return Op::contains;
        case Op::field_starts_with:
            return Op::starts_with;
        case Op::field_ends_with:
            return Op::ends_with;
        default:
            return Op::equals;
    }
}

bool is_empty_array(const ValueView& value) {
    if (value.kind != Kind::array || value.size < 2) return false;
    for (const char c : value.text().substr(1, value.size - 2)) {
        if (!is_blank(c)) return false;
    }
    return true;
}

bool value_matches(const Predicate& predicate, const Operand& operand, ValueText& value) {
    if (!value.has_text() || operand.kind == Operand::Kind::field) return false;
    if (predicate.part != TimePart::none) return time_matches(predicate, operand, value.text());
    switch (predicate.op) {
        case Op::regex: {
            const Regex& regex = regex_for(operand.text);
            return regex.search(value.text()) || (value.has_inner() && regex.search(value.inner()));
        }
        case Op::cidr: {
            const auto block = Cidr::parse(operand.text);
            const auto address = IpAddress::parse(value.text());
            return block && address && block->contains(*address);
        }
        case Op::less:
        case Op::less_equal:
        case Op::greater:
        case Op::greater_equal: {
            const auto number = parse_number(value.text());
            const auto bound = number_of(operand);
            return number && bound && compare_numbers(predicate.op, *number, *bound);
        }
        case Op::equals:
            if (operand.kind == Operand::Kind::number) return number_equals(value.text(), operand);
            break;
        default:
            break;
    }
    return texts_match(predicate, text_of(operand), value);
}

bool pair_matches(const Predicate& predicate, ValueText& value, ValueText& other) {
    if (!value.has_text() || !other.has_text()) return false;
    Predicate plain;
    plain.op = plain_op(predicate.op);
    plain.cased = predicate.cased;
    return texts_match(plain, other.text(), value);
}

}  // namespace yagura::match
