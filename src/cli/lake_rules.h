// The rules of a lake's console, for `yagura rules list|show|lint --lake DIR`: those that `yagura
// serve` uses there, with what is known of each.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/rules.h"
#include "desk/cost_book.h"
#include "desk/desk.h"
#include "query/rule_hits.h"

namespace yagura::cli {

class LakeRules {
  public:
    // Complains and gives nothing when there is no lake or a path is wrong.
    static std::optional<LakeRules> open(const std::filesystem::path& lake,
                                         const RuleChoice& choice,
                                         const Session& session);

    const desk::Shelf& shelf() const { return *shelf_; }
    desk::RuleDesk& desk() const { return *desk_; }

    std::optional<uint64_t> hits_week(const desk::Entry& entry) const;
    std::optional<uint64_t> hits(const desk::Entry& entry) const;
    // "≈ 0.21"; empty when it was not measured.
    std::string cost_text(const desk::Entry& entry) const;
    // "off", "broken", "level was medium": what is not as the rule itself says; empty: nothing.
    std::string state_text(const desk::Entry& entry) const;
    // Keys that follow json_facts(), with a comma in front.
    std::string json_facts(const desk::Entry& entry) const;

  private:
    LakeRules() = default;
    std::optional<uint64_t> hits_since(const desk::Entry& entry,
                                       std::optional<Timestamp> from) const;

    std::unique_ptr<desk::RuleDesk> desk_;
    std::shared_ptr<const desk::Shelf> shelf_;
    std::unique_ptr<query::RuleHits> counting_;
    std::shared_ptr<const query::HitTable> hits_;  // null when the lake cannot be read
    std::unique_ptr<desk::CostBook> costs_;
};

// What is wrong with the files of a lake's console, and where their rules could be better.
std::optional<std::vector<Diagnostic>> lint_lake(const std::filesystem::path& lake,
                                                 const Session& session);

}  // namespace yagura::cli
