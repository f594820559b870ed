#include "match/fingerprint.h"

#include <bit>

#include "base/hash.h"

namespace yagura::match {
namespace {

// Everything with its length or its place in an enum in front, so that no two things look the same.
class Words {
  public:
    Words& operator<<(std::string_view text) {
        *this << uint64_t{text.size()};
        bytes_ += text;
        return *this;
    }
    Words& operator<<(uint64_t number) {
        bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
        return *this;
    }
    template <class Enum>
    requires std::is_enum_v<Enum> Words& operator<<(Enum value) {
        return *this << static_cast<uint64_t>(value);
    }
    template <class Thing>
    Words& operator<<(const std::vector<Thing>& things) {
        *this << uint64_t{things.size()};
        for (const Thing& thing : things) *this << thing;
        return *this;
    }
    Words& operator<<(const Operand& operand) {
        return *this << operand.kind << operand.text << std::bit_cast<uint64_t>(operand.number);
    }
    Words& operator<<(const Term::Step& step) {
        return *this << step.name << uint64_t{step.wanted.has_value()} << step.wanted.value_or("");
    }
    Words& operator<<(const Term& term) {
        return *this << term.kind << term.text << term.terms << term.path << uint64_t{term.parts}
                     << uint64_t{term.index} << uint64_t{term.null_is_text};
    }
    Words& operator<<(const Predicate& predicate) {
        return *this << predicate.field << predicate.op << predicate.operands
                     << uint64_t{predicate.cased} << predicate.part << predicate.terms
                     << uint64_t{predicate.every};
    }
    Words& operator<<(const Condition& condition) {
        return *this << condition.kind << condition.children << uint64_t{condition.predicate}
                     << uint64_t{condition.constant};
    }
    Words& operator<<(const std::optional<Timestamp>& time) {
        return *this << uint64_t{time.has_value()}
                     << static_cast<uint64_t>(time ? to_micros(*time) : 0);
    }

    uint64_t hash() const { return hash64(bytes_); }

  private:
    std::string bytes_;
};

}  // namespace

uint64_t fingerprint(const Rule& rule) {
    Words words;
    words << rule.source.product << rule.source.service << rule.source.category << rule.predicates
          << rule.condition;
    return words.hash();
}

uint64_t exceptions_fingerprint(const Policy& policy, const RuleInfo& rule, Timestamp now) {
    Words words;
    bool any = false;
    for (const Exception& exception : policy.exceptions) {
        if (exception.only_counts || (exception.expires && *exception.expires <= now)) continue;
        if (!exception.choice.covers(rule)) continue;
        any = true;
        words << fingerprint(exception.scope) << exception.during.from << exception.during.to;
    }
    return any ? words.hash() : 0;
}

}  // namespace yagura::match
