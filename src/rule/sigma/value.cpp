#include "rule/sigma/value.h"

#include <cmath>

#include "base/language.h"
#include "base/messages/rule.h"

namespace yagura::rule::sigma {

Pattern Pattern::parse(std::string_view written) {
    Pattern out;
    bool escaped = false;
    for (char c : written) {
        const bool is_wildcard = c == '*' || c == '?';
        if (escaped) {
            if (!is_wildcard && c != '\\') out.text += '\\';
            out.text += c;
            escaped = false;
        } else if (c == '\\') {
            escaped = true;
        } else if (is_wildcard) {
            const Wildcard wildcard{static_cast<uint32_t>(out.text.size()),
                                    c == '*' ? Wild::any_run : Wild::any_one};
            const bool repeats = wildcard.wild == Wild::any_run && !out.wildcards.empty() &&
                                 out.wildcards.back() == wildcard;
            if (!repeats) out.wildcards.push_back(wildcard);
        } else {
            out.text += c;
        }
    }
    if (escaped) out.text += '\\';
    return out;
}

bool Pattern::opens_wild() const {
    return !wildcards.empty() && wildcards.front() == Wildcard{0, Wild::any_run};
}

bool Pattern::closes_wild() const {
    return !wildcards.empty() &&
           wildcards.back() == Wildcard{static_cast<uint32_t>(text.size()), Wild::any_run};
}

void Pattern::open_start() {
    if (!opens_wild()) wildcards.insert(wildcards.begin(), {0, Wild::any_run});
}

void Pattern::open_end() {
    if (!closes_wild()) wildcards.push_back({static_cast<uint32_t>(text.size()), Wild::any_run});
}

void Pattern::append(const Pattern& other) {
    const auto shift = static_cast<uint32_t>(text.size());
    const bool meet = closes_wild() && other.opens_wild();
    for (size_t i = meet ? 1 : 0; i < other.wildcards.size(); ++i)
        wildcards.push_back({other.wildcards[i].offset + shift, other.wildcards[i].wild});
    text += other.text;
}

std::vector<std::string_view> Pattern::parts() const {
    std::vector<std::string_view> out;
    uint32_t from = 0;
    const std::string_view all = text;
    for (const Wildcard& wildcard : wildcards) {
        out.push_back(all.substr(from, wildcard.offset - from));
        from = wildcard.offset;
    }
    out.push_back(all.substr(from));
    return out;
}

Pattern Pattern::join(const std::vector<std::string>& parts,
                      const std::vector<Wildcard>& wildcards) {
    Pattern out;
    for (size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) {
            out.wildcards.push_back(
                {static_cast<uint32_t>(out.text.size()), wildcards[i - 1].wild});
        }
        out.text += parts[i];
    }
    return out;
}

std::string kind_name(Value::Kind kind) {
    switch (kind) {
        case Value::Kind::text:
            return say(message::yaml_kind_text);
        case Value::Kind::number:
            return say(message::yaml_kind_number);
        case Value::Kind::boolean:
            return say(message::yaml_kind_boolean);
        case Value::Kind::null:
            return say(message::yaml_kind_null);
        case Value::Kind::regex:
            return say(message::sigma_kind_regex);
        case Value::Kind::cidr:
            return say(message::sigma_kind_cidr);
        case Value::Kind::field:
            return say(message::sigma_kind_field);
        case Value::Kind::existence:
            return say(message::sigma_kind_existence);
    }
    return {};
}

namespace {

// "012345670123" is an account id to a person and an octal number to YAML, "12:30" a time and 750.
void warn_of_odd_number(const YamlNode& number, Problems& problems) {
    const std::string_view text = number.text;
    const bool octal = text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
    if (number.kind != YamlNode::Kind::integer) return;
    if (!octal && text.find(':') == std::string_view::npos) return;
    problems.warn(Lint::odd_number,
                  number.at,
                  say(message::sigma_odd_number, number.text, number.spelling),
                  say(message::sigma_hint_quote));
}

}  // namespace

std::optional<Value> read_value(const YamlNode& scalar, Problems& problems) {
    Value value;
    value.at = scalar.at;
    value.number = scalar.number;
    value.spelling = scalar.spelling;
    switch (scalar.kind) {
        case YamlNode::Kind::null:
            return value;
        case YamlNode::Kind::boolean:
            value.kind = Value::Kind::boolean;
            return value;
        case YamlNode::Kind::integer:
        case YamlNode::Kind::real:
            value.kind = Value::Kind::number;
            warn_of_odd_number(scalar, problems);
            if (std::isfinite(scalar.number)) return value;
            problems.error(scalar.at,
                           say(message::sigma_number_not_finite, scalar.text),
                           say(message::sigma_hint_quote));
            return std::nullopt;
        case YamlNode::Kind::text:
            value.kind = Value::Kind::text;
            value.pattern = Pattern::parse(scalar.text);
            value.spelling = scalar.text;
            return value;
        case YamlNode::Kind::date:
            problems.error(
                scalar.at, say(message::sigma_date, scalar.text), say(message::sigma_hint_quote));
            return std::nullopt;
        case YamlNode::Kind::list:
        case YamlNode::Kind::map:
            problems.error(scalar.at, say(message::sigma_value_kind, rule::kind_name(scalar.kind)));
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace yagura::rule::sigma
