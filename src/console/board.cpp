// The board has three layers with different reasons to change: the findings (a commit), what was
// decided (a person), the ranks (a scope not seen lately). Each is made again only for its own
// reason.

#include "console/board.h"

#include <algorithm>

#include "base/text.h"
#include "console/covering.h"

namespace yagura::console {
namespace {

constexpr size_t kMaxScopes = 16;
// A lake that grows all the time is read at most a fifth of the time.
constexpr int kReadPause = 4;
constexpr int64_t kNoLake = -1;  // as a version

std::vector<std::string> tags_of(const store::KeptFinding& finding) {
    std::vector<std::string> tags;
    for (const std::string_view tag : split(finding.tags, ' '))
        if (!tag.empty()) tags.emplace_back(tag);
    return tags;
}

bool is_sample(const store::KeptFinding& finding, const std::string& folder) {
    return !finding.samples.empty() && std::all_of(finding.samples.begin(),
                                                   finding.samples.end(),
                                                   [&](const store::FindingSample& sample) {
                                                       return sample.object.starts_with(folder);
                                                   });
}

std::shared_ptr<const Catalogue> catalogue_of(std::vector<store::KeptFinding> findings,
                                              const std::filesystem::path& lake,
                                              int64_t version) {
    auto out = std::make_shared<Catalogue>();
    out->version = version;
    out->findings.reserve(findings.size());
    std::error_code ignored;
    const auto folder = std::filesystem::weakly_canonical(console_folder(lake) / "sample", ignored);
    const std::string sample_folder = folder.string() + '/';
    for (store::KeptFinding& kept : findings) {
        BoardFinding finding;
        finding.id = finding_id(key_of(kept));
        finding.tactics = finding::tactics_of(tags_of(kept));
        finding.sample = is_sample(kept, sample_folder);
        finding.rule = out->rules.number(kept.rule_id);
        finding.account = out->accounts.number(kept.account);
        finding.principal = out->principals.number(kept.principal);
        finding.address = out->addresses.number(kept.source_ip);
        for (const store::KeptResource& one : kept.resources)
            finding.resources.push_back(out->resources.number(one.key));
        finding.kept = std::move(kept);
        out->findings.push_back(std::move(finding));
    }
    for (uint32_t place = 0; place < out->findings.size(); ++place)
        out->by_id.emplace(out->findings[place].id, place);
    return out;
}

std::shared_ptr<const Ranking> ranking_of(const Catalogue& catalogue, const AccountScope& scope) {
    std::vector<bool> accounts(catalogue.accounts.size());
    for (uint32_t i = 0; i < accounts.size(); ++i)
        accounts[i] = scope.contains(catalogue.accounts.text(i));
    auto out = std::make_shared<Ranking>();
    out->visible.resize(catalogue.findings.size());
    out->rule_counts.resize(catalogue.rules.size());
    std::vector<const store::KeptFinding*> chosen;
    std::vector<uint32_t> places;
    for (uint32_t place = 0; place < catalogue.findings.size(); ++place) {
        const BoardFinding& finding = catalogue.findings[place];
        if (!accounts[finding.account]) continue;
        out->visible[place] = true;
        out->rule_counts[finding.rule] += finding.kept.count;
        chosen.push_back(&finding.kept);
        places.push_back(place);
    }
    out->order = store::ranking(chosen);
    out->scores.resize(catalogue.findings.size());
    for (store::Placed& placed : out->order) {
        placed.place = places[placed.place];
        out->scores[placed.place] = placed.score;
    }
    return out;
}

bool holds_now(const match::Exception& exception, Timestamp now) {
    return !exception.only_counts && (!exception.expires || *exception.expires > now);
}

Standing standing_of(const Decided* decided, const store::KeptFinding& kept) {
    Standing out;
    if (decided == nullptr) return out;
    out.status = decided->status;
    out.comments = decided->comments;
    out.assignee = decided->assignee;
    if (out.status == Status::closed && kept.count > decided->count)
        out.grown = kept.count - decided->count;
    out.counts_as_open = out.status != Status::closed || out.grown > 0;
    return out;
}

// Asked once for each rule that an exception meets.
class RulesCovered {
  public:
    RulesCovered(const match::Exception& exception, size_t rules)
        : exception_(exception), known_(rules, kUnknown) {}

    bool has(const BoardFinding& finding) {
        int8_t& known = known_[finding.rule];
        if (known == kUnknown) known = covers_rule(exception_, finding.kept);
        return known != 0;
    }

  private:
    static constexpr int8_t kUnknown = -1;
    const match::Exception& exception_;
    std::vector<int8_t> known_;
};

void suppress(const Catalogue& catalogue, Timestamp now, Standings& out) {
    const auto& items = out.exceptions->items;
    out.covered.resize(items.size());
    for (size_t i = 0; i < items.size(); ++i) {
        const match::Exception& exception = items[i].exception;
        const bool holds = holds_now(exception, now);
        RulesCovered rules(exception, catalogue.rules.size());
        for (uint32_t place = 0; place < catalogue.findings.size(); ++place) {
            const BoardFinding& finding = catalogue.findings[place];
            if (!rules.has(finding) || !covers_entities(exception, finding.kept)) continue;
            out.covered[i].push_back(place);
            Standing& standing = out.of[place];
            if (!holds || standing.status == Status::closed || standing.exception >= 0) continue;
            standing.exception = static_cast<int32_t>(i);
            standing.status = Status::suppressed;
            standing.counts_as_open = false;
        }
    }
}

Result<int64_t> version_of(Notebook* notebook) {
    if (!notebook) return int64_t{0};
    return notebook->version();
}

Result<Triage::ById> decided_in(Notebook* notebook) {
    if (!notebook) return Triage::ById();
    return Triage(*notebook).all();
}

std::optional<Timestamp> next_expiry(const KnownExceptions& exceptions, Timestamp now) {
    std::optional<Timestamp> next;
    for (const KnownException& item : exceptions.items) {
        const auto& expires = item.exception.expires;
        if (expires && *expires > now && (!next || *expires < *next)) next = expires;
    }
    return next;
}

}  // namespace

uint32_t Names::number(std::string_view text) {
    const auto found = numbers_.find(text);
    if (found != numbers_.end()) return found->second;
    const auto number = static_cast<uint32_t>(texts_.size());
    texts_.emplace_back(text);
    numbers_.emplace(text, number);
    return number;
}

std::optional<uint32_t> Names::find(std::string_view text) const {
    const auto found = numbers_.find(text);
    if (found == numbers_.end()) return std::nullopt;
    return found->second;
}

std::optional<uint32_t> Sight::find(std::string_view id) const {
    const auto found = catalogue->by_id.find(id);
    if (found == catalogue->by_id.end() || !ranking->visible[found->second]) return std::nullopt;
    return found->second;
}

FindingBoard::FindingBoard(std::filesystem::path lake,
                           Notebook* notebook,
                           ExceptionBook& exceptions)
    : lake_(std::move(lake)), notebook_(notebook), exceptions_(exceptions) {}

FindingBoard::~FindingBoard() = default;

Result<FindingBoard::CataloguePtr> FindingBoard::catalogue() {
    std::unique_lock reading(reading_, std::try_to_lock);
    CataloguePtr before;
    {
        const std::lock_guard lock(mutex_);
        before = catalogue_;
    }
    if (!reading && before) return before;
    if (!reading) reading.lock();
    {
        const std::lock_guard lock(mutex_);
        before = catalogue_;
    }
    YAGURA_TRY(CataloguePtr now, read_catalogue(before));
    const std::lock_guard lock(mutex_);
    catalogue_ = std::move(now);
    return catalogue_;
}

// What there is now; `before` when that did not change, or was read just a moment ago.
Result<FindingBoard::CataloguePtr> FindingBoard::read_catalogue(const CataloguePtr& before) {
    if (!catalog_) {
        auto opened = store::Catalog::open(lake_, false);
        if (!opened && opened.error().code() != Code::not_found) return opened.error();
        if (!opened) return before ? before : catalogue_of({}, lake_, kNoLake);
        catalog_.emplace(std::move(*opened));
    }
    YAGURA_TRY(const int64_t version, catalog_->data_version());
    if (before && before->version == version) return before;
    const Timestamp start = current_time();
    const bool is_recent = start >= read_at_ && start - read_at_ < read_took_ * kReadPause;
    if (before && before->version != kNoLake && is_recent) return before;
    YAGURA_TRY(auto findings, catalog_->findings());
    auto out = catalogue_of(std::move(findings), lake_, version);
    read_at_ = current_time();
    read_took_ = read_at_ - start;
    return out;
}

Result<std::shared_ptr<const Standings>> FindingBoard::standings(const CataloguePtr& catalogue,
                                                                 Timestamp now) {
    YAGURA_TRY(auto exceptions, exceptions_.current());
    YAGURA_TRY(const int64_t version, version_of(notebook_));
    const bool is_fresh =
        standings_ && version == notebook_version_ && standings_of_ == catalogue->version &&
        standings_->exceptions == exceptions && (!next_expiry_ || now < *next_expiry_);
    if (is_fresh) return standings_;
    YAGURA_TRY(const Triage::ById decided, decided_in(notebook_));
    auto made = std::make_shared<Standings>();
    made->exceptions = std::move(exceptions);
    made->of.reserve(catalogue->findings.size());
    for (const BoardFinding& finding : catalogue->findings) {
        const auto found = decided.find(finding.id);
        made->of.push_back(
            standing_of(found == decided.end() ? nullptr : &found->second, finding.kept));
    }
    suppress(*catalogue, now, *made);
    next_expiry_ = next_expiry(*made->exceptions, now);
    notebook_version_ = version;
    standings_of_ = catalogue->version;
    standings_ = std::move(made);
    return standings_;
}

std::shared_ptr<const Ranking> FindingBoard::ranking(const CataloguePtr& catalogue,
                                                     const AccountScope& scope) {
    if (ranked_of_ != catalogue->version) ranked_.clear();
    ranked_of_ = catalogue->version;
    const auto found = std::find_if(
        ranked_.begin(), ranked_.end(), [&](const Ranked& one) { return one.scope == scope; });
    if (found != ranked_.end()) {
        ranked_.splice(ranked_.begin(), ranked_, found);
        return found->ranking;
    }
    ranked_.push_front({scope, ranking_of(*catalogue, scope)});
    if (ranked_.size() > kMaxScopes) ranked_.pop_back();
    return ranked_.front().ranking;
}

Result<Sight> FindingBoard::sight(const AccountScope& scope, Timestamp now) {
    Sight sight;
    YAGURA_TRY(sight.catalogue, catalogue());
    const std::lock_guard lock(mutex_);
    YAGURA_TRY(sight.standings, standings(sight.catalogue, now));
    sight.ranking = ranking(sight.catalogue, scope);
    return sight;
}

}  // namespace yagura::console
