// The predicate language every kind of rule compiles to: Sigma, exceptions, suppressions, hunts.
//
// A Rule is a condition tree over predicates; a predicate asks one question of one field. The slow
// evaluator (slow.h) walks this tree and is the definition of its meaning; the fast one (program.h)
// and the SQL lowering must agree with it. How values compare is written in value_match.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "logtype/log_type.h"

namespace yagura::match {

// A predicate is true when one of the field's values matches one of its operands. An array counts
// as its own JSON text and as each of its members, however nested. JSON null matches only `exists`
// and `null`.
enum class Op : uint8_t {
    equals,    // the whole value; the empty operand is `empty`
    contains,  // anywhere in it
    starts_with,
    ends_with,
    glob,     // the whole value against operand with * and ? (see Operand)
    regex,    // RE2 search, flags inside the pattern as (?ims)
    cidr,     // the value parses as an address inside the block
    exists,   // the field is in the record, be it null
    null,     // missing, JSON null (also inside a list), or an empty list
    empty,    // present and the empty string
    present,  // present with a non-null value of any kind ("contains: '*'")
    less,
    less_equal,
    greater,
    greater_equal,  // numbers; a value that is no number is no match
    field_equals,
    field_contains,
    field_starts_with,
    field_ends_with,  // against another field's values
    keyword,  // contained in any string leaf of the record (text logs: in the line); no field.
              // Its operands may hold the wildcards of glob.
};

// Parts of the event's time, for Sigma's minute … year modifiers.
enum class TimePart : uint8_t { none, minute, hour, day, week, month, year };

struct Operand {
    enum class Kind : uint8_t { text, number, boolean, field };
    Kind kind = Kind::text;
    // text: plain, except for Op::glob and Op::keyword where a wildcard is kAnyRun or kAnyOne
    // (bytes that UTF-8 never contains), so that escaping is settled by whoever compiled the rule.
    // field: the other field's name; only the field_* operations take such operands, and they take
    // no others.
    std::string text;
    double number = 0;  // for number and boolean (0/1); `text` then holds its canonical spelling
};

constexpr char kAnyRun = '\xFE';  // any length, newlines too
constexpr char kAnyOne = '\xFF';  // exactly one code point

bool operator==(const Operand& a, const Operand& b);

struct Predicate {
    // As the rule names it; resolved per log type. Empty: the values are the string leaves of the
    // record (keys and numbers are none), or the line of a text log; any operation on text may then
    // be asked.
    std::string field;
    Op op = Op::equals;
    std::vector<Operand> operands;  // true when one of them matches one of the field's values
    bool cased = false;             // default: simple case folding
    TimePart part =
        TimePart::none;  // compare that part (UTC, ISO week) of the field's time instead
    friend bool operator==(const Predicate&, const Predicate&);
};

// Conditions nested deeper than this are false; loaders refuse them with a message of their own.
constexpr uint32_t kMaxConditionDepth = 128;

// An empty `all` is true, an empty `any` false.
struct Condition {
    enum class Kind : uint8_t { all, any, negation, predicate, constant };
    Kind kind = Kind::constant;
    std::vector<Condition> children;  // all, any, negation (one child)
    uint32_t predicate = 0;           // index into Rule::predicates
    bool constant = false;
};

enum class Level : uint8_t { informational, low, medium, high, critical };
std::string_view level_name(Level level);                     // "high"
std::optional<Level> level_from_name(std::string_view name);  // also "info", "crit", "med"

// Everything a person is shown about a rule, whatever language it was written in.
struct RuleInfo {
    std::string id;
    std::string title;
    std::string title_ja;  // our own rules; empty otherwise
    std::string author;
    std::string description;
    std::string description_ja;
    std::string level_note;
    Level level = Level::medium;
    std::string status;
    std::vector<std::string> tags;  // attack.t1078.004, attack.persistence, …
    std::vector<std::string> references;
    std::vector<std::string> false_positives;
    std::vector<std::string> false_positives_ja;
    std::string output;  // template of the line to print, where the rule's language has one
    std::string file;
    uint32_t line = 0;
    bool bundled = false;
};

// Owned logsource of a rule; an empty part matches anything.
struct RuleSource {
    std::string product, service, category;
    bool covers(const logtype::Logsource& source) const;
};

struct Rule {
    RuleInfo info;
    RuleSource source;
    std::vector<Predicate> predicates;
    Condition condition;
    // False: its matches are a tag on the event, for the correlations and first-seen rules that
    // look at them, and nothing a person is told on their own.
    bool reports = true;
};

}  // namespace yagura::match
