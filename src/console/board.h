// All findings of a lake as people see them: ranked, with what was decided about them.
//
//   FindingBoard board(lake, *notebook, exceptions);
//   YAGURA_TRY(const auto sight, board.sight(who.accounts, now));     // of one moment
//   for (const Placed& placed : sight.ranking->order) use(sight.finding(placed.place));
//
// A Sight is immutable and shared by whoever asks meanwhile; it is made again when the catalog, the
// decisions or the exceptions changed. While somebody reads a changed catalog, others get the
// findings as they were. Ranks of a person with few accounts are those of a lake that
// holds nothing else, so that not even a score tells of other people's findings. Thread-safe.
#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/account_scope.h"
#include "base/keyed_hash.h"
#include "base/result.h"
#include "base/time.h"
#include "console/exceptions.h"
#include "console/notebook.h"
#include "console/triage.h"
#include "finding/attack.h"
#include "store/catalog.h"
#include "store/findings.h"

namespace yagura::console {

// Texts of one kind, numbered.
class Names {
  public:
    uint32_t number(std::string_view text);
    const std::string& text(uint32_t number) const { return texts_[number]; }
    std::optional<uint32_t> find(std::string_view text) const;
    uint32_t size() const { return static_cast<uint32_t>(texts_.size()); }

  private:
    std::vector<std::string> texts_;
    std::unordered_map<std::string, uint32_t, KeyedTextHash, std::equal_to<>> numbers_;
};

struct BoardFinding {
    std::string id;
    store::KeptFinding kept;
    finding::TacticSet tactics;
    bool sample = false;  // of the demonstration
    // Into Catalogue::rules, accounts, principals, addresses.
    uint32_t rule = 0, account = 0, principal = 0, address = 0;
    std::vector<uint32_t> resources;  // into Catalogue::resources, as in kept.resources
};

// The findings themselves, in the order of the catalog.
struct Catalogue {
    std::vector<BoardFinding> findings;
    std::unordered_map<std::string_view, uint32_t, TextHash> by_id;  // into `findings`
    Names rules, accounts, principals, addresses, resources;
    int64_t version = 0;
};

// Those one scope sees.
struct Ranking {
    std::vector<store::Placed> order;   // into Catalogue::findings
    std::vector<uint64_t> rule_counts;  // events of each rule in it
    std::vector<double> scores;         // by place in Catalogue::findings, as is the next
    std::vector<bool> visible;
};

// What stands for one finding.
struct Standing {
    Status status = Status::fresh;
    bool counts_as_open = true;  // new, acknowledged, or grown since it was closed
    uint64_t grown = 0;          // events since it was closed
    uint32_t comments = 0;
    std::string assignee;
    int32_t exception = -1;  // into KnownExceptions::items: the one that suppresses it
};

struct Standings {
    std::vector<Standing> of;  // by place in Catalogue::findings
    std::shared_ptr<const KnownExceptions> exceptions;
    // By exception, expired or not: places of the findings it covers.
    std::vector<std::vector<uint32_t>> covered;
};

struct Sight {
    std::shared_ptr<const Catalogue> catalogue;
    std::shared_ptr<const Ranking> ranking;
    std::shared_ptr<const Standings> standings;

    const BoardFinding& finding(uint32_t place) const { return catalogue->findings[place]; }
    const Standing& standing(uint32_t place) const { return standings->of[place]; }
    double score(uint32_t place) const { return ranking->scores[place]; }
    // The place of a finding this sight holds.
    std::optional<uint32_t> find(std::string_view id) const;
};

class FindingBoard {
  public:
    // What is passed must outlive the board. A lake that is not there yet has no findings; without
    // a notebook nobody has decided anything.
    FindingBoard(std::filesystem::path lake, Notebook* notebook, ExceptionBook& exceptions);
    ~FindingBoard();

    Result<Sight> sight(const AccountScope& scope, Timestamp now);

  private:
    using CataloguePtr = std::shared_ptr<const Catalogue>;
    struct Ranked {
        AccountScope scope;
        std::shared_ptr<const Ranking> ranking;
    };

    Result<CataloguePtr> catalogue();
    Result<CataloguePtr> read_catalogue(const CataloguePtr& before);
    Result<std::shared_ptr<const Standings>> standings(const CataloguePtr& catalogue,
                                                       Timestamp now);
    std::shared_ptr<const Ranking> ranking(const CataloguePtr& catalogue,
                                           const AccountScope& scope);

    const std::filesystem::path lake_;
    Notebook* const notebook_;
    ExceptionBook& exceptions_;

    std::mutex reading_;  // for these; held while the catalog is read, before mutex_
    std::optional<store::Catalog> catalog_;
    Timestamp read_at_{};
    std::chrono::microseconds read_took_{0};

    std::mutex mutex_;  // for all below
    CataloguePtr catalogue_;
    std::shared_ptr<const Standings> standings_;
    int64_t notebook_version_ = -1;
    int64_t standings_of_ = -1;             // version of the catalogue
    std::optional<Timestamp> next_expiry_;  // when an exception ends next
    int64_t ranked_of_ = -1;
    std::list<Ranked> ranked_;  // by scope, the latest asked for first
};

}  // namespace yagura::console
