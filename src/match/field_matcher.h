// All predicates on the text of one field, answered together for one value.
//
//   FieldMatcher matcher;
//   matcher.add(7, predicate); …; matcher.build();
//   matcher.match(value, scratch, ids);   // appends 7 when the predicate holds for this value
//
// Exact operands sit in hash tables, literals (of contains, starts_with, ends_with and the longest
// fixed part of a glob) in one LiteralSet, blocks of addresses in sorted lists by prefix length:
// the cost of a value does not grow with the number of rules, regular expressions aside. What
// values and operands mean is value_match.h. Immutable after build() and shared between threads; a
// Scratch belongs to one.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/ip.h"
#include "event/value.h"
#include "match/ir.h"
#include "match/literal_set.h"
#include "match/regex.h"
#include "match/value_match.h"

namespace yagura::match {

// Many blocks, asked for the ones an address is in: one search per distinct prefix length.
class BlockTable {
  public:
    void add(const Cidr& block, uint32_t id);
    void build();
    void find(const IpAddress& address, std::vector<uint32_t>& ids) const;
    bool empty() const { return families_.empty(); }

  private:
    struct Block {
        IpAddress base;
        uint32_t id;
    };
    struct Family {  // blocks of one address family and prefix length
        bool is_v4;
        int prefix;
        std::vector<Block> blocks;
    };
    std::vector<Family> families_;
};

class FieldMatcher {
  public:
    struct Scratch {
        ValueText value;
        LiteralMarks marks;
    };

    // Any operation that value_matches() decides. `predicate` must stay alive.
    void add(uint32_t id, const Predicate& predicate);
    void build();

    // Appends the ids of the predicates that hold for `view`, ascending, each once.
    void match(const event::ValueView& view, Scratch& scratch, std::vector<uint32_t>& ids) const;

  private:
    using Ids = std::vector<uint32_t>;
    using Exact = std::unordered_map<std::string, Ids, TextHash, std::equal_to<>>;

    struct LiteralUse {
        Op op;
        uint32_t id;
        std::string operand;  // folded unless cased
    };
    // Operations on texts of one case: [0] folded, [1] as written.
    struct Texts {
        Exact exact;
        LiteralSet literals;
        std::vector<std::vector<LiteralUse>> uses;  // by literal
        std::vector<LiteralUse> loose;              // no literal to look for: asked of every value
    };
    struct Number {
        const Operand* operand;
        uint32_t id;
    };
    struct Bound {
        Op op;
        double bound;
        uint32_t id;
        TimePart part;
    };
    struct Search {
        Regex regex;
        uint32_t id;
    };

    void add_operand(uint32_t id, const Predicate& predicate, const Operand& operand);
    void add_number(uint32_t id, const Operand& operand);
    void add_text(uint32_t id, const Predicate& predicate, const Operand& operand);
    static void scan(const Texts& texts,
                     std::string_view text,
                     Scratch& scratch,
                     std::vector<uint32_t>& ids);
    void match_numbers(std::string_view text, std::vector<uint32_t>& ids) const;

    Texts texts_[2];
    std::unordered_map<uint64_t, std::vector<Number>> numbers_;  // by the bits of the double
    Ids empty_;
    std::vector<Bound> comparisons_;
    std::vector<Bound> parts_;
    std::vector<Search> searches_;
    BlockTable blocks_;
};

}  // namespace yagura::match
