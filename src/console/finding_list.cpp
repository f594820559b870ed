#include "console/finding_list.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "logtype/resource.h"

namespace yagura::console {
namespace {

constexpr std::pair<std::string_view, FindingSort> kSorts[] = {
    {"score", FindingSort::score},
    {"last", FindingSort::last},
    {"first", FindingSort::first},
    {"count", FindingSort::count},
    {"rarest", FindingSort::rarest},
    {"level", FindingSort::level},
};
constexpr std::pair<std::string_view, Novelty> kNovelties[] = {
    {"1", Novelty::finding},
    {"rule", Novelty::rule},
    {"principal", Novelty::principal},
};
constexpr size_t kMaxWords = 16;

// The filters that have a facet; a bit of each is set for a finding that fails it.
enum Facet : uint8_t { kStatus, kLevel, kRule, kAccount, kPrincipal, kAddress, kTactic, kResource };
constexpr uint32_t bit(Facet facet) {
    return 1u << facet;
}

// Chosen values of a facet by number; nothing chosen is everything.
class Choice {
  public:
    Choice(const Names& names, const std::vector<std::string>& wanted) : any_(wanted.empty()) {
        chosen_.resize(names.size());
        for (const std::string& text : wanted)
            if (const auto number = names.find(text)) chosen_[*number] = true;
    }
    bool has(uint32_t number) const { return any_ || chosen_[number]; }

  private:
    bool any_;
    std::vector<bool> chosen_;
};

// The resources that are meant by keys, and by the names and ARNs of such.
class ChosenResources {
  public:
    ChosenResources(const Names& names, const std::vector<std::string>& wanted)
        : any_(wanted.empty()) {
        chosen_.resize(names.size());
        for (const std::string& text : wanted) {
            if (const auto number = names.find(text)) {
                chosen_[*number] = true;
            } else {
                choose_named(names, text);
            }
        }
    }
    bool has(const BoardFinding& finding) const {
        return any_ || std::any_of(finding.resources.begin(),
                                   finding.resources.end(),
                                   [&](uint32_t number) { return chosen_[number]; });
    }

  private:
    void choose_named(const Names& names, std::string_view text) {
        const bool is_arn = text.starts_with("arn:");
        const auto meant = is_arn ? logtype::resource_of_arn(text) : std::nullopt;
        const std::string key = meant ? logtype::resource_key(*meant) : std::string();
        for (uint32_t i = 0; i < names.size(); ++i) {
            const std::string& known = names.text(i);
            if (meant ? known == key : logtype::parse_resource(known).name == text)
                chosen_[i] = true;
        }
    }

    bool any_;
    std::vector<bool> chosen_;
};

// Which texts hold a word; asked of each different text once.
class WordPlaces {
  public:
    WordPlaces(const Catalogue& catalogue, std::string_view word) : word_(fold_case(word)) {
        for (const Names* names : {&catalogue.rules,
                                   &catalogue.accounts,
                                   &catalogue.principals,
                                   &catalogue.addresses,
                                   &catalogue.resources}) {
            auto& holds = holds_.emplace_back(names->size());
            for (uint32_t i = 0; i < names->size(); ++i) holds[i] = has(names->text(i));
        }
    }

    bool is_in(const BoardFinding& finding) const {
        const auto in_resources = [&] {
            return std::any_of(finding.resources.begin(),
                               finding.resources.end(),
                               [&](uint32_t number) { return holds_[4][number]; });
        };
        return holds_[0][finding.rule] || holds_[1][finding.account] ||
               holds_[2][finding.principal] || holds_[3][finding.address] || in_resources() ||
               has(finding.kept.title) || has(finding.kept.title_ja) || has(finding.kept.tags);
    }

  private:
    bool has(std::string_view text) const {
        return fold_case(text).find(word_) != std::string::npos;
    }
    std::string word_;
    std::vector<std::vector<bool>> holds_;
};

// Which findings are newer than a mark, and of rules or principals that had none before it.
class Newness {
  public:
    Newness(const Sight& sight, const FindingFilter& filter) : than_(filter.newer_than) {
        if (!than_ || filter.novelty == Novelty::finding) return;
        const Catalogue& catalogue = *sight.catalogue;
        const bool by_rule = filter.novelty == Novelty::rule;
        part_ = by_rule ? &BoardFinding::rule : &BoardFinding::principal;
        known_.resize(by_rule ? catalogue.rules.size() : catalogue.principals.size());
        if (!by_rule) {
            if (const auto nobody = catalogue.principals.find("")) known_[*nobody] = true;
        }
        for (const store::Placed& placed : sight.ranking->order) {
            const BoardFinding& finding = sight.finding(placed.place);
            if (finding.kept.id <= *than_) known_[finding.*part_] = true;
        }
    }
    bool has(const BoardFinding& finding) const {
        if (!than_) return true;
        return finding.kept.id > *than_ && (!part_ || !known_[finding.*part_]);
    }

  private:
    std::optional<int64_t> than_;
    uint32_t BoardFinding::*part_ = nullptr;
    std::vector<bool> known_;  // by number: had a finding before
};

class Pass {
  public:
    Pass(const Sight& sight, const FindingFilter& filter)
        : sight_(sight),
          filter_(filter),
          newness_(sight, filter),
          rules_(sight.catalogue->rules, filter.rules),
          accounts_(sight.catalogue->accounts, filter.accounts),
          principals_(sight.catalogue->principals, filter.principals),
          addresses_(sight.catalogue->addresses, filter.addresses),
          resources_(sight.catalogue->resources, filter.resources) {
        for (const finding::Tactic tactic : filter.tactics)
            tactics_.set(static_cast<size_t>(tactic));
        for (const std::string_view word : split(filter.text, ' '))
            if (!word.empty() && words_.size() < kMaxWords)
                words_.emplace_back(*sight.catalogue, word);
    }

    // Filters without a facet.
    bool is_candidate(const BoardFinding& finding, const Standing& standing) const {
        const store::KeptFinding& kept = finding.kept;
        if (!newness_.has(finding)) return false;
        if (filter_.range.from && kept.last < *filter_.range.from) return false;
        if (filter_.range.to && kept.first >= *filter_.range.to) return false;
        if (filter_.assignee && standing.assignee != *filter_.assignee) return false;
        if (!filter_.types.empty() && !has_type(kept)) return false;
        return std::all_of(words_.begin(), words_.end(), [&](const WordPlaces& word) {
            return word.is_in(finding);
        });
    }

    // The filters with a facet that it fails.
    uint32_t failed(const BoardFinding& finding, const Standing& standing) const {
        uint32_t out = 0;
        if (!has_status(standing)) out |= bit(kStatus);
        if (!has_level(finding.kept.level)) out |= bit(kLevel);
        if (!rules_.has(finding.rule)) out |= bit(kRule);
        if (!accounts_.has(finding.account)) out |= bit(kAccount);
        if (!principals_.has(finding.principal)) out |= bit(kPrincipal);
        if (!addresses_.has(finding.address)) out |= bit(kAddress);
        if (!resources_.has(finding)) out |= bit(kResource);
        if (tactics_.any() && (tactics_ & finding.tactics).none()) out |= bit(kTactic);
        return out;
    }

  private:
    bool has_status(const Standing& standing) const {
        if (filter_.any_status) return true;
        if (filter_.only_open) return standing.counts_as_open;
        if (filter_.statuses.empty()) return standing.status != Status::suppressed;
        return std::find(filter_.statuses.begin(), filter_.statuses.end(), standing.status) !=
               filter_.statuses.end();
    }
    bool has_level(match::Level level) const {
        return filter_.levels.empty() ||
               std::find(filter_.levels.begin(), filter_.levels.end(), level) !=
                   filter_.levels.end();
    }
    bool has_type(const store::KeptFinding& kept) const {
        return std::any_of(
            kept.samples.begin(), kept.samples.end(), [&](const store::FindingSample& sample) {
                return std::find(filter_.types.begin(), filter_.types.end(), sample.log_type) !=
                       filter_.types.end();
            });
    }

    const Sight& sight_;
    const FindingFilter& filter_;
    Newness newness_;
    Choice rules_, accounts_, principals_, addresses_;
    ChosenResources resources_;
    finding::TacticSet tactics_;
    std::vector<WordPlaces> words_;
};

// Counts of the facets, by number where values are many.
class Counting {
  public:
    explicit Counting(const Catalogue& catalogue)
        : catalogue_(catalogue),
          rules_(catalogue.rules.size()),
          accounts_(catalogue.accounts.size()),
          principals_(catalogue.principals.size()),
          addresses_(catalogue.addresses.size()),
          resources_(catalogue.resources.size()) {}

    void add(const BoardFinding& finding, const Standing& standing, uint32_t failed) {
        const auto others_pass = [&](Facet facet) { return (failed & ~bit(facet)) == 0; };
        if (others_pass(kStatus)) ++out_.statuses[static_cast<size_t>(standing.status)];
        if (others_pass(kLevel)) ++out_.levels[static_cast<size_t>(finding.kept.level)];
        if (others_pass(kRule)) ++rules_[finding.rule];
        if (others_pass(kAccount)) ++accounts_[finding.account];
        if (others_pass(kPrincipal)) ++principals_[finding.principal];
        if (others_pass(kAddress)) ++addresses_[finding.address];
        if (others_pass(kResource))
            for (const uint32_t resource : finding.resources) ++resources_[resource];
        if (others_pass(kTactic))
            for (size_t i = 0; i < finding::kTactics; ++i) out_.tactics[i] += finding.tactics[i];
    }

    FindingFacets take() {
        out_.rules = most(catalogue_.rules, rules_);
        out_.accounts = most(catalogue_.accounts, accounts_);
        out_.principals = most(catalogue_.principals, principals_);
        out_.addresses = most(catalogue_.addresses, addresses_);
        out_.resources = most(catalogue_.resources, resources_);
        return std::move(out_);
    }

  private:
    static std::vector<FacetCount> most(const Names& names, const std::vector<uint64_t>& counts) {
        std::vector<uint32_t> numbers;
        for (uint32_t i = 0; i < counts.size(); ++i)
            if (counts[i] > 0) numbers.push_back(i);
        const size_t kept = std::min(numbers.size(), FindingFacets::kMaxValues);
        std::partial_sort(numbers.begin(),
                          numbers.begin() + static_cast<ptrdiff_t>(kept),
                          numbers.end(),
                          [&](uint32_t a, uint32_t b) {
                              if (counts[a] != counts[b]) return counts[a] > counts[b];
                              return names.text(a) < names.text(b);
                          });
        std::vector<FacetCount> out;
        for (size_t i = 0; i < kept; ++i)
            out.push_back({names.text(numbers[i]), counts[numbers[i]]});
        return out;
    }

    const Catalogue& catalogue_;
    std::vector<uint64_t> rules_, accounts_, principals_, addresses_, resources_;
    FindingFacets out_;
};

// Puts places, which come in the order of score, into the order asked for.
void sort_places(const Sight& sight, FindingSort sort, std::vector<uint32_t>& places) {
    const auto by = [&](auto&& key) {
        std::stable_sort(places.begin(), places.end(), [&](uint32_t a, uint32_t b) {
            return key(sight.finding(a)) < key(sight.finding(b));
        });
    };
    const auto reversed = [](Timestamp time) { return -to_micros(time); };
    switch (sort) {
        case FindingSort::score:
            return;
        case FindingSort::last:
            return by([&](const BoardFinding& f) { return reversed(f.kept.last); });
        case FindingSort::first:
            return by([&](const BoardFinding& f) { return reversed(f.kept.first); });
        case FindingSort::count:
            return by([](const BoardFinding& f) { return ~f.kept.count; });
        case FindingSort::level:
            return by([](const BoardFinding& f) { return -static_cast<int>(f.kept.level); });
        case FindingSort::rarest:
            return by([&](const BoardFinding& f) {
                return std::tuple(
                    sight.ranking->rule_counts[f.rule], -static_cast<int>(f.kept.level), f.rule);
            });
    }
}

}  // namespace

std::optional<FindingSort> sort_from_name(std::string_view name) {
    for (const auto& [known, sort] : kSorts)
        if (known == name) return sort;
    return std::nullopt;
}

std::optional<Novelty> novelty_from_name(std::string_view name) {
    for (const auto& [known, novelty] : kNovelties)
        if (known == name) return novelty;
    return std::nullopt;
}

FindingList list_findings(const Sight& sight, const FindingFilter& filter) {
    const Pass pass(sight, filter);
    Counting counting(*sight.catalogue);
    FindingList out;
    for (const store::Placed& placed : sight.ranking->order) {
        const BoardFinding& finding = sight.finding(placed.place);
        const Standing& standing = sight.standing(placed.place);
        if (!pass.is_candidate(finding, standing)) continue;
        const uint32_t failed = pass.failed(finding, standing);
        counting.add(finding, standing, failed);
        if (failed == 0) out.page.push_back(placed.place);
        if (failed == bit(kStatus) && standing.status == Status::suppressed) ++out.suppressed;
    }
    out.total = out.page.size();
    out.facets = counting.take();
    sort_places(sight, filter.sort, out.page);
    if (filter.ascending) std::reverse(out.page.begin(), out.page.end());
    const size_t from = std::min(filter.offset, out.page.size());
    const size_t to = from + std::min(filter.limit, out.page.size() - from);
    out.page = {out.page.begin() + static_cast<ptrdiff_t>(from),
                out.page.begin() + static_cast<ptrdiff_t>(to)};
    return out;
}

std::vector<uint32_t> matching_findings(const Sight& sight, const FindingFilter& filter) {
    const Pass pass(sight, filter);
    std::vector<uint32_t> out;
    for (const store::Placed& placed : sight.ranking->order) {
        const BoardFinding& finding = sight.finding(placed.place);
        const Standing& standing = sight.standing(placed.place);
        if (pass.is_candidate(finding, standing) && pass.failed(finding, standing) == 0)
            out.push_back(placed.place);
    }
    return out;
}

}  // namespace yagura::console
