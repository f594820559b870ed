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
    text_less,
    text_less_equal,
    text_greater,
    text_greater_equal,  // in the order of the bytes, as strcmp() has it
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

// A text computed from the record, for questions about more than a field as it stands, and for the
// lines rules print. Its value is absent, or one text; `each` alone has several.
struct Term {
    enum class Kind : uint8_t {
        literal,      // `text`
        field,        // the first value of the field `text`; an array or object is its JSON text
        each,         // every value of the field `text` but arrays, whose members count instead
        record,       // the whole record, as written
        event_time,   // in UTC; `text` is "" (12:34:56.000000000), date, iso8601, s or ns
        ordinal,      // place among the records of its object, from 1
        at,           // what `path` leads to inside the JSON text terms[0]
        lower,        // terms[0] with the ASCII letters in lower case
        upper,        // or upper case
        base64,       // terms[0] decoded; absent when it is no Base64
        base_name,    // terms[0] behind its last '/'
        length,       // bytes of terms[0]
        count,        // how many values all terms have; absent when none
        options,      // of the command line in the values of terms[0], as match/options.h has it
        part,         // terms[0] cut at every `text` into exactly `parts`, the one at `index`
        without_end,  // terms[0] without the ending `text`, where it has that and more
        concat,       // all terms, one after the other; absent when one of them is
        join,         // all values of all terms with `text` between them
        sum,          // whole numbers ≥ 0; absent terms count nothing, absent when all are
        first,        // the first of the terms that is not absent
        when,         // terms[1] if terms[0] is `text`
    };
    // A member of an object by name, or of an array by its index; with `wanted`, the first member
    // of an array that is an object whose `name` is that text.
    struct Step {
        std::string name;
        std::optional<std::string> wanted;
        friend bool operator==(const Step&, const Step&) = default;
    };
    Kind kind = Kind::literal;
    std::string text;
    std::vector<Term> terms;
    std::vector<Step> path;
    uint32_t parts = 0;
    uint32_t index = 0;         // from 0
    bool null_is_text = false;  // field, at: JSON null is the text "null" rather than absent
    friend bool operator==(const Term&, const Term&) = default;
};

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
    // When there are any, `field` is empty and terms[0] is what is asked about; the values of the
    // other terms are operands too. Not for the field_* operations, keyword and time parts.
    std::vector<Term> terms;
    bool every = false;  // terms[0] has values and all of them match, not just one
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
    std::string output;    // template of the line to print, where the rule's language has one
    std::string priority;  // as its language calls the level ("Warning"); only Falco rules have one
    std::string source;    // as its language calls the log source ("aws_cloudtrail"); likewise
    std::string file;
    uint32_t line = 0;
    bool bundled = false;
    std::string name;  // by which correlations may call it; may be empty
};

// Owned logsource of a rule; an empty part matches anything.
struct RuleSource {
    std::string product, service, category;
    bool covers(const logtype::Logsource& source) const;
};

// A piece of the line a rule prints: a literal (no name) or a field. Absent fields show as <NA>.
struct OutputPart {
    std::string name;
    Term term;
};

struct Rule {
    RuleInfo info;
    RuleSource source;
    std::vector<Predicate> predicates;
    Condition condition;
    // False: its matches are a tag on the event, for the correlations and first-seen rules that
    // look at them, and nothing a person is told on their own.
    bool reports = true;
    std::vector<OutputPart> output;  // info.output, ready to fill
};

}  // namespace yagura::match
