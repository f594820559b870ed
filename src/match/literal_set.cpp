#include "match/literal_set.h"

#include <algorithm>
#include <bit>

namespace yagura::match {

uint32_t LiteralSet::add(std::string_view literal) {
    const auto [entry, is_new] = ids_.emplace(literal, static_cast<uint32_t>(literals_.size()));
    if (is_new) literals_.emplace_back(literal);
    return entry->second;
}

void LiteralSet::build() {
    if (literals_.size() <= kFew) return;

    // The rarest run of each literal: how often runs occur over all literals is known before
    // choosing.
    std::unordered_map<uint32_t, uint32_t> occurrences;
    for (const std::string& literal : literals_) {
        for (size_t i = 0; i + kRun <= literal.size(); ++i) ++occurrences[load(literal.data() + i)];
    }
    struct Choice {
        uint32_t run;
        Place place;
    };
    std::vector<Choice> choices;
    for (uint32_t id = 0; id < literals_.size(); ++id) {
        const std::string& literal = literals_[id];
        if (literal.size() < kRun) {
            short_.resize(256);
            short_[static_cast<uint8_t>(literal[0])].push_back(id);
            opens_short_[static_cast<uint8_t>(literal[0])] = true;
            continue;
        }
        uint32_t best = 0;
        for (uint32_t i = 1; i + kRun <= literal.size(); ++i) {
            if (occurrences[load(literal.data() + i)] < occurrences[load(literal.data() + best)])
                best = i;
        }
        choices.push_back({load(literal.data() + best), {id, best}});
    }
    if (choices.empty()) return;
    std::sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
        return a.run != b.run ? a.run < b.run : a.place.literal < b.place.literal;
    });

    const auto bits = static_cast<uint32_t>(std::countr_zero(
        std::bit_ceil(std::clamp<size_t>(choices.size() * 32, size_t{1} << 12, size_t{1} << 22))));
    filter_.assign((size_t{1} << bits) / 64, 0);
    filter_shift_ = 32 - bits;
    const auto bucket_bits =
        static_cast<uint32_t>(std::countr_zero(std::bit_ceil(choices.size() * 2 + 2)));
    buckets_.assign(size_t{1} << bucket_bits, {});
    bucket_shift_ = 32 - bucket_bits;
    bucket_mask_ = (1u << bucket_bits) - 1;
    for (size_t i = 0; i < choices.size(); ++i) {
        const uint32_t run = choices[i].run;
        places_.push_back(choices[i].place);
        if (i > 0 && choices[i - 1].run == run) continue;
        const uint32_t bit = hash(run) >> filter_shift_;
        filter_[bit / 64] |= uint64_t{1} << (bit % 64);
        uint32_t at = hash(run) >> bucket_shift_;
        while (buckets_[at].count != 0) at = (at + 1) & bucket_mask_;
        uint32_t count = 0;
        while (i + count < choices.size() && choices[i + count].run == run) ++count;
        buckets_[at] = {run, static_cast<uint32_t>(i), count};
    }
}

}  // namespace yagura::match
