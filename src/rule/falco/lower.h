// Conditions into the predicates of match: what each operator means (docs/falco.md).
//
// A field that is absent makes every check of it false, != and exists too; so != is "has a value,
// and none of these". Plain fields become plain predicates, which the witness index knows; derived
// fields and transformers become terms.
#pragma once

#include <optional>
#include <vector>

#include "match/ir.h"
#include "rule/falco/definitions.h"
#include "rule/falco/fields.h"

namespace yagura::rule::falco {

class Lowering {
  public:
    // Adds predicates to `rule` and what is wrong to `mistakes`. For a source without logs here
    // (`known` false) macros, lists and values are checked, fields are not.
    Lowering(const Definitions& definitions,
             bool known,
             match::Rule& rule,
             std::vector<Mistake>& mistakes)
        : definitions_(definitions), known_(known), rule_(rule), mistakes_(mistakes) {}

    // Nullopt after a mistake.
    std::optional<match::Condition> lower(const Expression& expression, const Written& written);
    // A field or transformer; `written` says where the offsets lie.
    struct Side {
        match::Term term;
        FieldType type = FieldType::text;
    };
    std::optional<Side> side_of(const Value& value, const Written& written);

  private:
    using Condition = match::Condition;
    using Values = std::vector<std::string>;

    std::nullopt_t refuse(const Written& written,
                          uint32_t offset,
                          std::string message,
                          std::string hint = "");
    std::optional<Condition> lower_chain(const Expression& expression, const Written& written);
    std::optional<Condition> lower_macro(const Expression& expression, const Written& written);
    std::optional<Condition> lower_check(const Expression& check, const Written& written);
    std::optional<Condition> compare(const Expression& check,
                                     const Side& left,
                                     const Values& values,
                                     const Written& written);
    std::optional<Condition> compare_link(const Expression& check,
                                          const Side& left,
                                          const Values& values,
                                          const Written& written);
    std::optional<Condition> compare_number(const Expression& check,
                                            const Side& left,
                                            const Values& values,
                                            const Written& written);
    std::optional<Condition> compare_ordinal(const Expression& check,
                                             const Side& left,
                                             const Values& values,
                                             const Written& written);
    std::optional<Condition> compare_list(const Expression& check,
                                          const Side& left,
                                          const Values& values,
                                          const Written& written);
    std::optional<Condition> compare_fields(const Expression& check,
                                            const Side& left,
                                            const Written& written);
    std::optional<Side> options_of(const Value& value, Side line, const Written& written);
    std::optional<Side> field_of(const Value& value, const Written& written);
    std::optional<Values> values_of(const Expression& check, const Written& written);
    std::optional<match::Predicate> predicate_of(const Expression& check,
                                                 const Values& values,
                                                 const Written& written);
    Condition ask(match::Predicate predicate, const Side& left);
    Condition present(const Side& side);

    const Definitions& definitions_;
    bool known_;
    match::Rule& rule_;
    std::vector<Mistake>& mistakes_;
    std::vector<std::string_view> open_macros_;
    uint32_t depth_ = 0;
    size_t nodes_ = 0;
};

// Resolves the lists that lists name. A list that contains itself, at any distance, is a mistake.
void resolve_lists(Definitions& definitions, std::vector<Mistake>& mistakes);

constexpr size_t kMaxNodes = 100'000;      // of one rule, macros expanded
constexpr size_t kMaxListValues = 50'000;  // of one list, lists in it resolved

}  // namespace yagura::rule::falco
