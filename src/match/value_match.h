// How one value of a field compares with one operand: the part of the semantics both evaluators
// share.
//
// Texts. A string's text has its escapes resolved; numbers and booleans have their spelling; an
// object or array has its JSON text, in the order of the record and without blanks between tokens.
// For `equals` that is all. For contains, starts_with, ends_with, glob and regex an object or array
// has a second text, the same with escapes resolved, since policies are JSON inside JSON strings.
// Null has no text and matches nothing. Case folds (simple Unicode folding) unless the predicate is
// `cased`; regex takes case from its pattern.
//
// Numbers. A number operand asks for the number: 5 equals 5, "5" and 5.0. Whole numbers compare
// exactly, others as doubles. less … greater_equal do the same for text that is a number, quoted or
// not.
//
// Booleans. The operand true equals true and "true". CIDR: the whole text must be an address.
// Time: ISO 8601 or epoch; parts are those of UTC, weeks those of ISO 8601.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "event/value.h"
#include "match/ir.h"

namespace yagura::match {

// The texts of one value. Reads into own buffers, which are kept: no allocation once they are large
// enough.
class ValueText {
  public:
    // Views returned before are void. `value` must live as long as this is asked.
    void read(const event::ValueView& value);

    bool has_text() const { return has_text_; }      // false for null
    bool has_inner() const { return has_inner_; }    // an object or array with escapes in it
    std::string_view text() const { return text_; }  // what `equals` sees
    std::string_view inner() const {
        return inner_;
    }  // the second text; same as text() without has_inner()
    std::string_view folded();
    std::string_view folded_inner();

  private:
    std::string_view text_;
    std::string_view inner_;
    bool has_text_ = false;
    bool has_inner_ = false;
    bool is_folded_ = false;
    bool is_inner_folded_ = false;
    std::string compact_;
    std::string plain_;
    std::string folded_;
    std::string folded_inner_;
};

// fold_case() into a kept buffer.
void fold_into(std::string& out, std::string_view text);

// equals, contains, starts_with, ends_with, glob, keyword, text_less … on texts that are folded
// already where they must be.
bool text_matches(Op op, std::string_view text, std::string_view operand);

// The whole text against a pattern with kAnyRun and kAnyOne. O(text × pattern).
bool glob_matches(std::string_view text, std::string_view pattern);

// Decimal numbers as JSON writes them, leading zeros allowed; nullopt for anything else ("0x1",
// "inf", " 1").
std::optional<double> parse_number(std::string_view text);

// Whether `text` is the number `operand` (of kind number) holds.
bool number_equals(std::string_view text, const Operand& operand);

// What a number, or a text holding one, is worth in a comparison.
std::optional<double> number_of(const Operand& operand);

// The spelling of an operand: "true" for booleans whatever their text says.
std::string_view text_of(const Operand& operand);

// equals, less, less_equal, greater, greater_equal.
bool compare_numbers(Op op, double value, double operand);
bool is_comparison(Op op);

// Part of a time in UTC; nullopt when the text is no time.
std::optional<int> time_part(TimePart part, std::string_view text);

bool is_field_op(Op op);   // field_equals … field_ends_with
Op plain_op(Op field_op);  // field_contains → contains

// `[]`, with or without blanks.
bool is_empty_array(const event::ValueView& value);

// Does this value satisfy the predicate for this operand? For every operation that looks at one
// value of one field: all but exists, null, present and field_*.
bool value_matches(const Predicate& predicate, const Operand& operand, ValueText& value);

// field_* operations look at no more values of either field, since they compare every pair.
constexpr uint32_t kMaxPairValues = 256;

// A pair of values under a field_* operation.
bool pair_matches(const Predicate& predicate, ValueText& value, ValueText& other);

}  // namespace yagura::match
