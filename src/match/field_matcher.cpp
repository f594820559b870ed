#include "match/field_matcher.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/text.h"

namespace yagura::match {
namespace {

using event::Kind;
using event::ValueView;

constexpr char kWildcardBytes[] = {kAnyRun, kAnyOne};
constexpr std::string_view kWildcards(kWildcardBytes, 2);

// The longest part of a pattern without wildcards: whatever matches the pattern contains it.
std::string_view longest_fixed_part(std::string_view pattern) {
    std::string_view best;
    for (size_t at = 0; at <= pattern.size();) {
        const size_t end = std::min(pattern.find_first_of(kWildcards, at), pattern.size());
        if (end - at > best.size()) best = pattern.substr(at, end - at);
        at = end + 1;
    }
    return best;
}

uint64_t number_key(double value) {
    return std::bit_cast<uint64_t>(value + 0.0);
}  // −0 is 0

IpAddress masked(const IpAddress& address, int prefix) {
    IpAddress out = address;
    const size_t bits = static_cast<size_t>(prefix) + (address.is_v4 ? 96 : 0);
    for (size_t i = 0; i < out.bytes.size(); ++i) {
        const size_t from = i * 8;
        if (from >= bits) {
            out.bytes[i] = 0;
        } else if (from + 8 > bits) {
            out.bytes[i] = static_cast<uint8_t>(out.bytes[i] & (0xFF << (8 - (bits - from))));
        }
    }
    return out;
}

}  // namespace

void BlockTable::add(const Cidr& block, uint32_t id) {
    for (Family& family : families_) {
        if (family.is_v4 == block.base.is_v4 && family.prefix == block.prefix) {
            family.blocks.push_back({block.base, id});
            return;
        }
    }
    families_.push_back({block.base.is_v4, block.prefix, {{block.base, id}}});
}

void BlockTable::build() {
    for (Family& family : families_) {
        std::sort(family.blocks.begin(), family.blocks.end(), [](const Block& a, const Block& b) {
            return a.base < b.base;
        });
    }
}

void BlockTable::find(const IpAddress& address, std::vector<uint32_t>& ids) const {
    for (const Family& family : families_) {
        if (family.is_v4 != address.is_v4) continue;
        const IpAddress base = masked(address, family.prefix);
        auto at = std::lower_bound(
            family.blocks.begin(),
            family.blocks.end(),
            base,
            [](const Block& block, const IpAddress& wanted) { return block.base < wanted; });
        for (; at != family.blocks.end() && at->base == base; ++at) ids.push_back(at->id);
    }
}

void FieldMatcher::add(uint32_t id, const Predicate& predicate) {
    if (predicate.op == Op::empty) {
        empty_.push_back(id);
        return;
    }
    for (const Operand& operand : predicate.operands) {
        if (operand.kind != Operand::Kind::field) add_operand(id, predicate, operand);
    }
}

void FieldMatcher::add_operand(uint32_t id, const Predicate& predicate, const Operand& operand) {
    const Op op = predicate.op;
    if (predicate.part != TimePart::none || is_comparison(op)) {
        const auto bound = number_of(operand);
        if (!bound || (op != Op::equals && !is_comparison(op))) return;
        auto& list = predicate.part != TimePart::none ? parts_ : comparisons_;
        list.push_back({op, *bound, id, predicate.part});
    } else if (op == Op::regex) {
        Regex regex(operand.text);
        if (regex.is_valid()) searches_.push_back({std::move(regex), id});
    } else if (op == Op::cidr) {
        if (const auto block = Cidr::parse(operand.text)) blocks_.add(*block, id);
    } else if (op == Op::equals && operand.kind == Operand::Kind::number) {
        add_number(id, operand);
    } else {
        add_text(id, predicate, operand);
    }
}

// Under both the double given and the one its spelling reads as, should a loader have let them
// differ.
void FieldMatcher::add_number(uint32_t id, const Operand& operand) {
    const uint64_t key = number_key(operand.number);
    numbers_[key].push_back({&operand, id});
    const auto spelt = parse_number(operand.text);
    if (spelt && number_key(*spelt) != key) numbers_[number_key(*spelt)].push_back({&operand, id});
}

void FieldMatcher::add_text(uint32_t id, const Predicate& predicate, const Operand& operand) {
    Texts& texts = texts_[predicate.cased ? 1 : 0];
    LiteralUse use{predicate.op, id, std::string(text_of(operand))};
    if (!predicate.cased) use.operand = fold_case(use.operand);
    std::string_view literal = use.operand;
    switch (use.op) {
        case Op::equals:
            texts.exact[use.operand].push_back(id);
            return;
        case Op::glob:
            literal = longest_fixed_part(use.operand);
            break;
        case Op::keyword:
            // From here on a keyword is either `contains` or a glob that may start and end
            // anywhere.
            if (literal.find_first_of(kWildcards) == std::string_view::npos) {
                use.op = Op::contains;
            } else {
                use.op = Op::glob;
                use.operand = kAnyRun + use.operand + kAnyRun;
                literal = longest_fixed_part(use.operand);
            }
            break;
        case Op::contains:
        case Op::starts_with:
        case Op::ends_with:
            break;
        case Op::text_less:
        case Op::text_less_equal:
        case Op::text_greater:
        case Op::text_greater_equal:
            texts.loose.push_back(std::move(use));
            return;
        default:
            return;
    }
    if (literal.empty()) {
        texts.loose.push_back(std::move(use));
        return;
    }
    const uint32_t index = texts.literals.add(literal);
    if (texts.uses.size() <= index) texts.uses.resize(index + 1);
    texts.uses[index].push_back(std::move(use));
}

void FieldMatcher::build() {
    for (Texts& texts : texts_) texts.literals.build();
    blocks_.build();
}

void FieldMatcher::scan(const Texts& texts,
                        std::string_view text,
                        Scratch& scratch,
                        std::vector<uint32_t>& ids) {
    texts.literals.find(text, scratch.marks, [&](uint32_t literal) {
        for (const LiteralUse& use : texts.uses[literal]) {
            if (use.op == Op::contains || text_matches(use.op, text, use.operand))
                ids.push_back(use.id);
        }
    });
    for (const LiteralUse& use : texts.loose) {
        if (text_matches(use.op, text, use.operand)) ids.push_back(use.id);
    }
}

void FieldMatcher::match_numbers(std::string_view text, std::vector<uint32_t>& ids) const {
    const auto number = parse_number(text);
    if (!number) return;
    if (const auto found = numbers_.find(number_key(*number)); found != numbers_.end()) {
        for (const Number& candidate : found->second) {
            if (number_equals(text, *candidate.operand)) ids.push_back(candidate.id);
        }
    }
    for (const Bound& bound : comparisons_) {
        if (compare_numbers(bound.op, *number, bound.bound)) ids.push_back(bound.id);
    }
}

void FieldMatcher::match(const ValueView& view,
                         Scratch& scratch,
                         std::vector<uint32_t>& ids) const {
    ValueText& value = scratch.value;
    value.read(view);
    if (!value.has_text()) return;
    const size_t first = ids.size();
    if (view.kind == Kind::string && view.size == 0)
        ids.insert(ids.end(), empty_.begin(), empty_.end());
    for (const bool is_cased : {false, true}) {
        const Texts& texts = texts_[is_cased];
        if (!texts.exact.empty()) {
            const auto found = texts.exact.find(is_cased ? value.text() : value.folded());
            if (found != texts.exact.end())
                ids.insert(ids.end(), found->second.begin(), found->second.end());
        }
        if (texts.literals.size() == 0 && texts.loose.empty()) continue;
        scan(texts, is_cased ? value.text() : value.folded(), scratch, ids);
        if (value.has_inner())
            scan(texts, is_cased ? value.inner() : value.folded_inner(), scratch, ids);
    }
    for (const Search& search : searches_) {
        if (search.regex.search(value.text()) ||
            (value.has_inner() && search.regex.search(value.inner()))) {
            ids.push_back(search.id);
        }
    }
    if (!numbers_.empty() || !comparisons_.empty()) match_numbers(value.text(), ids);
    if (!blocks_.empty()) {
        if (const auto address = IpAddress::parse(value.text())) blocks_.find(*address, ids);
    }
    for (const Bound& bound : parts_) {
        const auto part = time_part(bound.part, value.text());
        if (part && compare_numbers(bound.op, *part, bound.bound)) ids.push_back(bound.id);
    }
    std::sort(ids.begin() + static_cast<ptrdiff_t>(first), ids.end());
    ids.erase(std::unique(ids.begin() + static_cast<ptrdiff_t>(first), ids.end()), ids.end());
}

}  // namespace yagura::match
