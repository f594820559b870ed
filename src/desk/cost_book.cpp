#include "desk/cost_book.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "rule/loader.h"
#include "store/files.h"

namespace yagura::desk {
namespace {

constexpr std::chrono::seconds kSaveEvery{30};
constexpr size_t kMostRules = 10'000;

template <class T>
bool read_number(std::string_view text, T& number, int base) {
    const auto [end, failed] =
        std::from_chars(text.data(), text.data() + text.size(), number, base);
    return failed == std::errc() && end == text.data() + text.size();
}

bool read_line(std::string_view line, std::string& id, match::RuleCost& cost) {
    const auto parts = split(line, '\t');
    if (parts.size() != 4 || parts[0].empty()) return false;
    uint64_t nanoseconds = 0;
    if (!read_number(parts[1], cost.meaning, 16) || !read_number(parts[2], cost.events, 10) ||
        !read_number(parts[3], nanoseconds, 10))
        return false;
    id = parts[0];
    cost.nanoseconds = static_cast<double>(nanoseconds);
    return true;
}

bool is_plain(const std::string& id) {
    return std::none_of(id.begin(), id.end(), [](char c) { return c >= 0 && c < ' '; });
}

void fade(match::RuleCosts& costs) {
    for (auto& [id, cost] : costs) {
        if (cost.events <= CostBook::kMostEvents) continue;
        const double part = 0.5 * CostBook::kMostEvents / static_cast<double>(cost.events);
        cost.events = CostBook::kMostEvents / 2;
        cost.nanoseconds *= part;
    }
}

}  // namespace

CostBook::CostBook(std::filesystem::path folder) : folder_(std::move(folder)), known_(read()) {}

CostBook::~CostBook() {
    (void)save();
}

match::RuleCosts CostBook::read() const {
    match::RuleCosts costs;
    const auto text = rule::read_rule_file(folder_ / "rule-costs.tsv");
    if (!text) return costs;
    for (const std::string_view line : split(*text, '\n')) {
        std::string id;
        match::RuleCost cost;
        if (costs.size() < kMostRules && read_line(line, id, cost))
            costs.insert_or_assign(std::move(id), cost);
    }
    return costs;
}

void CostBook::add(const match::RuleCosts& measured) {
    const std::lock_guard lock(mutex_);
    match::add(known_, measured);
    match::add(unsaved_, measured);
    fade(known_);
    if (std::chrono::steady_clock::now() - saved_ > kSaveEvery) (void)save_alone();
}

Result<void> CostBook::save() {
    const std::lock_guard lock(mutex_);
    return save_alone();
}

Result<void> CostBook::save_alone() {
    saved_ = std::chrono::steady_clock::now();
    if (unsaved_.empty() && forgotten_.empty()) return {};
    match::RuleCosts all = read();
    for (const std::string& id : forgotten_) all.erase(id);
    match::add(all, unsaved_);
    fade(all);
    std::string text;
    size_t rules = 0;
    for (const auto& [id, cost] : all) {
        if (!is_plain(id) || ++rules > kMostRules) continue;
        text += fmt::format(
            "{}\t{:x}\t{}\t{:.0f}\n", id, cost.meaning, cost.events, std::round(cost.nanoseconds));
    }
    YAGURA_CHECK(store::make_folder(folder_));
    YAGURA_TRY(auto file, store::NewFile::create(folder_ / "rule-costs.tsv"));
    YAGURA_CHECK(file.write(text));
    YAGURA_CHECK(file.publish());
    known_ = std::move(all);
    unsaved_.clear();
    forgotten_.clear();
    return {};
}

void CostBook::forget(std::string_view id) {
    const std::lock_guard lock(mutex_);
    for (auto* costs : {&known_, &unsaved_}) {
        if (const auto found = costs->find(id); found != costs->end()) costs->erase(found);
    }
    forgotten_.emplace_back(id);
}

std::optional<CostBook::Cost> CostBook::cost(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(id);
    if (found == known_.end() || found->second.events < kFewestEvents) return std::nullopt;
    const match::RuleCost& cost = found->second;
    return Cost{cost.nanoseconds / static_cast<double>(cost.events), cost.events};
}

}  // namespace yagura::desk
