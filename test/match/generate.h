// Random events and random rules about them, from a seed.
//
// Rules take most operands from values the events hold, cut, re-cased and turned into patterns, so
// that they match about as often as not; values come from small pools, so that they repeat as they
// do in logs.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "match/fixture.h"

namespace yagura::match {

class Generator {
  public:
    // `narrow`: all rules ask about very few fields, so that each has many operands.
    explicit Generator(uint64_t seed, bool narrow = false) : random_(seed), narrow_(narrow) {}
    // Terms allocate: for tests of what may not.
    void leave_out_terms() { terms_ = false; }

    // A JSON object, sometimes with blanks between its tokens.
    std::string event();
    // "name=value …", for text logs.
    std::string line();
    Rule rule();

  private:
    using Kind = Condition::Kind;

    size_t below(size_t n) { return static_cast<size_t>(random_() % n); }
    bool chance(size_t percent) { return below(100) < percent; }
    template <class List>
    auto pick(const List& list) {
        return list[below(std::size(list))];
    }

    std::string blank() { return spaced_ && chance(30) ? pick(kBlanks) : ""; }
    std::string word();
    std::string quoted(const std::string& plain);
    std::string value(int depth);
    std::string array(int depth);
    std::string object(int depth);
    std::string number_spelling();
    std::string recased(std::string plain);
    std::string operand_text(Op op);
    std::string pattern(std::string plain);
    std::string expression(std::string plain);
    Operand operand(Op op);
    Term term(int depth);
    Predicate predicate();
    Condition condition(size_t predicates, int depth);

    static constexpr const char* kBlanks[] = {" ", "\n", "\t ", "  "};
    static constexpr const char* kKeys[] = {"eventName",
                                            "eventSource",
                                            "eventTime",
                                            "sourceIPAddress",
                                            "requestParameters",
                                            "userIdentity",
                                            "type",
                                            "arn",
                                            "a",
                                            "b",
                                            "a.b",
                                            "n"};
    static constexpr const char* kFieldNames[] = {"eventName",
                                                  "event_action",
                                                  "event.action",
                                                  "eventSource",
                                                  "event.provider",
                                                  "eventTime",
                                                  "@timestamp",
                                                  "sourceIPAddress",
                                                  "source.ip",
                                                  "requestParameters",
                                                  "userIdentity.type",
                                                  "userIdentity.arn",
                                                  "user.id",
                                                  "userIdentity",
                                                  "a",
                                                  "b",
                                                  "a.b",
                                                  "n",
                                                  "a.a.b",
                                                  "requestParameters.a",
                                                  "requestParameters.b.n",
                                                  "nowhere"};
    static constexpr const char* kSeparators[] = {"a", ".", "/", ","};
    static constexpr const char* kFewNames[] = {"a", "requestParameters"};
    static constexpr const char* kWords[] = {"CreateUser",
                                             "createuser",
                                             "DeleteTrail",
                                             "ListBuckets",
                                             "s3.amazonaws.com",
                                             "iam.amazonaws.com",
                                             "",
                                             "x",
                                             "true",
                                             "False",
                                             "null",
                                             "5",
                                             "5.0",
                                             "-7",
                                             "007",
                                             "1e3",
                                             "9007199254740993",
                                             "10.0.0.1",
                                             "10.1.2.3",
                                             "192.168.0.9",
                                             "2001:db8::1",
                                             "2024-07-31T12:29:16Z",
                                             "2021-01-01T00:00:00.5+09:00",
                                             "1722479356",
                                             "arn:aws:iam::123456789012:user/Bob",
                                             "Root",
                                             "ÄRGER straße",
                                             "ПРИВЕТ",
                                             "日本語のログ",
                                             "😀 smile",
                                             "a\nb",
                                             "tab\there",
                                             "quote\"inside",
                                             "back\\slash",
                                             "{\"Effect\":\"Allow\",\"Action\":\"*\"}",
                                             "[]",
                                             "\xE2\x84\xAA"
                                             "ey"};
    static constexpr const char* kBlocks[] = {"10.0.0.0/8",
                                              "10.1.0.0/16",
                                              "0.0.0.0/0",
                                              "10.0.0.1",
                                              "2001:db8::/32",
                                              "::/0",
                                              "192.168.0.8/29",
                                              "nonsense"};
    static constexpr Op kOps[] = {Op::equals,
                                  Op::equals,
                                  Op::equals,
                                  Op::contains,
                                  Op::contains,
                                  Op::starts_with,
                                  Op::ends_with,
                                  Op::glob,
                                  Op::regex,
                                  Op::cidr,
                                  Op::exists,
                                  Op::null,
                                  Op::empty,
                                  Op::present,
                                  Op::less,
                                  Op::less_equal,
                                  Op::greater,
                                  Op::greater_equal,
                                  Op::field_equals,
                                  Op::field_contains,
                                  Op::field_starts_with,
                                  Op::field_ends_with,
                                  Op::keyword,
                                  Op::text_less,
                                  Op::text_less_equal,
                                  Op::text_greater,
                                  Op::text_greater_equal};

    std::mt19937_64 random_;
    bool narrow_ = false;
    bool terms_ = true;
    bool spaced_ = false;
    std::vector<std::string> seen_;  // texts of the events made so far, operands to be
};

inline std::string Generator::word() {
    std::string out = chance(12) && !seen_.empty() ? pick(seen_) : std::string(pick(kWords));
    if (chance(10)) out += pick(kWords);
    if (chance(8)) out += std::to_string(below(100000));  // seldom the same twice
    return out;
}

// Writes some characters as escapes that need none, as other programs do.
inline std::string Generator::quoted(const std::string& plain) {
    std::string out = json_quote(plain);
    if (chance(15) && !plain.empty() && static_cast<signed char>(plain[0]) >= 'A' &&
        plain[0] != '\\') {
        constexpr char kHex[] = "0123456789abcdef";
        const auto c = static_cast<unsigned char>(plain[0]);
        out.replace(1, 1, std::string("\\u00") + kHex[c >> 4] + kHex[c & 15]);
    }
    return out;
}

inline std::string Generator::number_spelling() {
    static constexpr const char* kNumbers[] = {"0",
                                               "5",
                                               "5.0",
                                               "-7",
                                               "1e3",
                                               "1000",
                                               "443",
                                               "0.25",
                                               "-0",
                                               "9007199254740993",
                                               "9007199254740992",
                                               "1722479356"};
    return pick(kNumbers);
}

inline std::string Generator::value(int depth) {
    const size_t kind = below(depth > 3 ? 60 : 100);
    if (kind < 40) {
        const std::string plain = word();
        if (seen_.size() < 400) seen_.push_back(plain);
        return quoted(plain);
    }
    if (kind < 48) return number_spelling();
    if (kind < 54) return chance(50) ? "true" : "false";
    if (kind < 60) return "null";
    std::string out = kind < 78 ? array(depth + 1) : object(depth + 1);
    if (seen_.size() < 400) seen_.push_back(out);
    return out;
}

inline std::string Generator::array(int depth) {
    std::string out = "[" + blank();
    const size_t count = below(4);
    for (size_t i = 0; i < count; ++i) out += (i > 0 ? "," + blank() : "") + value(depth) + blank();
    return out + "]";
}

inline std::string Generator::object(int depth) {
    std::string out = "{" + blank();
    bool first = true;
    for (const char* key : kKeys) {
        if (!chance(depth == 0 ? 60 : 25)) continue;
        if (!first) out += "," + blank();
        first = false;
        out += quoted(key) + blank() + ":" + blank() + value(depth) + blank();
    }
    return out + "}";
}

inline std::string Generator::event() {
    spaced_ = chance(20);
    return object(0);
}

inline std::string Generator::line() {
    std::string out;
    for (const char* key : kKeys) {
        if (!chance(70)) continue;
        const std::string plain = chance(30) ? number_spelling() : word();
        seen_.push_back(plain);
        out += std::string(out.empty() ? "" : " ") + key + "=" + plain;
    }
    return out;
}

inline std::string Generator::recased(std::string plain) {
    if (chance(50)) return plain;
    for (char& c : plain) {
        if (c >= 'a' && c <= 'z' && chance(50)) {
            c = static_cast<char>(c - 32);
        } else if (c >= 'A' && c <= 'Z' && chance(50)) {
            c = static_cast<char>(c + 32);
        }
    }
    return plain;
}

// Some code points become wildcards.
inline std::string Generator::pattern(std::string plain) {
    std::string out;
    for (size_t at = 0; at < plain.size();) {
        const size_t start = at;
        next_code_point(plain, at);
        const size_t dice = below(100);
        if (dice < 8) {
            out += kAnyOne;
        } else if (dice < 16) {
            out += kAnyRun;
        } else {
            out += plain.substr(start, at - start);
        }
    }
    if (chance(40)) out += kAnyRun;
    if (chance(40)) out = kAnyRun + out;
    return out;
}

inline std::string Generator::expression(std::string plain) {
    std::string out = chance(30) ? "(?i)" : "";
    if (chance(20)) out += "^";
    for (const char c : plain) {
        if (std::string_view(R"(\.+*?()|[]{}^$)").find(c) != std::string_view::npos) out += '\\';
        out += chance(5) && static_cast<signed char>(c) > 0 ? '.' : c;
    }
    if (chance(20)) out += "$";
    if (chance(5)) out += "(";
    return out;
}

inline std::string Generator::operand_text(Op op) {
    std::string plain = chance(75) && !seen_.empty() ? pick(seen_) : word();
    const bool is_part = op != Op::equals && op != Op::glob;
    if (is_part && !plain.empty() && chance(80)) {
        const size_t start = op == Op::starts_with ? 0 : below(plain.size());
        const size_t size =
            op == Op::ends_with ? std::string::npos : 1 + below(plain.size() - start);
        plain = repair_utf8(plain.substr(start, size));
    }
    plain = recased(std::move(plain));
    if (op == Op::glob || (op == Op::keyword && chance(30))) return pattern(std::move(plain));
    if (op == Op::regex) return expression(std::move(plain));
    return plain;
}

inline Operand Generator::operand(Op op) {
    if (op >= Op::field_equals && op <= Op::field_ends_with) return field(pick(kFieldNames));
    if (op == Op::cidr) return text(pick(kBlocks));
    if (op >= Op::less && op <= Op::greater_equal)
        return chance(90) ? number(number_spelling()) : text("5");
    if (op == Op::equals && chance(20)) return number(number_spelling());
    if (op == Op::equals && chance(10)) return boolean(chance(50));
    if (chance(2)) return field("a");
    return text(operand_text(op));
}

inline Term Generator::term(int depth) {
    using K = Term::Kind;
    static constexpr K kLeafKinds[] = {K::field, K::field, K::each, K::literal, K::record};
    static constexpr K kKinds[] = {K::at,
                                   K::lower,
                                   K::upper,
                                   K::base64,
                                   K::base_name,
                                   K::length,
                                   K::count,
                                   K::part,
                                   K::without_end,
                                   K::concat,
                                   K::join,
                                   K::sum,
                                   K::first,
                                   K::when};
    Term out;
    out.kind = depth > 2 || chance(40) ? pick(kLeafKinds) : pick(kKinds);
    const bool names = out.kind == K::field || out.kind == K::each;
    out.text = names ? pick(kFieldNames) : chance(30) ? pick(kWords) : pick(kSeparators);
    if (std::find(std::begin(kLeafKinds), std::end(kLeafKinds), out.kind) != std::end(kLeafKinds))
        return out;
    const size_t count = out.kind == K::when ? 2 : 1 + below(2);
    for (size_t i = 0; i < count; ++i) out.terms.push_back(term(depth + 1));
    for (size_t i = below(3); out.kind == K::at && i > 0; --i) {
        Term::Step step{chance(70) ? pick(kKeys) : std::to_string(below(3)), {}};
        if (chance(10)) step.wanted = word();
        out.path.push_back(std::move(step));
    }
    out.parts = static_cast<uint32_t>(1 + below(3));
    out.index = static_cast<uint32_t>(below(3));
    return out;
}

inline Predicate Generator::predicate() {
    Predicate out;
    out.op = pick(kOps);
    out.field = narrow_ ? pick(kFewNames) : pick(kFieldNames);
    if (out.op == Op::keyword || chance(3)) out.field.clear();
    out.cased = chance(20);
    if (chance(5)) {
        out.part = static_cast<TimePart>(1 + below(6));
        out.operands.push_back(number(std::to_string(below(60))));
    }
    const size_t count = chance(60) ? 1 : below(5);
    for (size_t i = 0; i < count; ++i) out.operands.push_back(operand(out.op));
    if (terms_ && out.op != Op::keyword && chance(10)) {
        out.field.clear();
        out.every = chance(30);
        for (size_t i = chance(70) ? 1 : 2; i > 0; --i) out.terms.push_back(term(0));
    }
    return out;
}

inline Condition Generator::condition(size_t predicates, int depth) {
    const size_t dice = below(100);
    if (depth > 4 || dice < 50) return holds(static_cast<uint32_t>(below(predicates)));
    if (dice < 53) return constant(chance(50));
    if (dice < 65) return negation(condition(predicates, depth + 1));
    std::vector<Condition> children;
    const size_t count = below(4);
    for (size_t i = 0; i < count; ++i) children.push_back(condition(predicates, depth + 1));
    return dice < 85 ? all(std::move(children)) : any(std::move(children));
}

inline Rule Generator::rule() {
    std::vector<Predicate> predicates;
    const size_t count = 1 + below(5);
    for (size_t i = 0; i < count; ++i) predicates.push_back(predicate());
    return rule_of(std::move(predicates), condition(count, 0));
}

}  // namespace yagura::match
