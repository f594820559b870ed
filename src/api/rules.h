// What the handlers of /rules share; they are in rules.cpp, rules_edit.cpp and rules_try.cpp.
#pragma once

#include <memory>
#include <string>

#include "api/route.h"
#include "base/json_text.h"
#include "desk/cost_book.h"
#include "desk/desk.h"
#include "query/rule_hits.h"

namespace yagura::api {

// The shelf and what is known of its rules' hits, as of now and for who asks.
class RuleRows {
  public:
    static Result<RuleRows> of(const Call& call);

    const desk::Shelf& shelf() const { return *shelf_; }

    struct Hits {
        std::optional<uint64_t> day, week;  // unknown for some rules over several events
        std::optional<uint64_t> total;      // unknown when the lake cannot be read
    };
    Hits hits_of(const desk::Entry& entry) const;

    // Nullopt when it is not known, or not for who asks: what is measured tells of all accounts.
    std::optional<desk::CostBook::Cost> cost_of(const desk::Entry& entry) const;

    // A Rule of the contract; `row` stays open.
    void write(JsonObject& row, std::string& out, const desk::Entry& entry) const;
    // Its hits for each of thirty days.
    void write_line(JsonObject& row, std::string& out, const desk::Entry& entry) const;

  private:
    RuleRows() = default;
    std::shared_ptr<const desk::Shelf> shelf_;
    std::shared_ptr<const query::HitTable> hits_;  // null when the lake cannot be read
    const desk::CostBook* costs_ = nullptr;
    AccountScope scope_;
    Timestamp now_{};
    std::string folder_;  // of the desk, which names of files are told without
};

Result<desk::RuleDesk*> desk_of(const Call& call);
// A list of rules, newest title in the language of the request.
std::string_view title_of(const match::RuleInfo& info);
// Who it comes from: "shipped" with the program, "added" with -r, "own" when written here.
std::string_view origin_of(const desk::Entry& entry);
// Where a rule stands, without the folder everybody knows.
std::string shown_file(const std::string& file, const std::string& desk_folder);

// --- the handlers ---
Result<http::Response> list_rules(Call& call);
Result<http::Response> show_rule(Call& call);
Result<http::Response> show_problems(Call& call);
Result<http::Response> show_language(Call& call);

Result<http::Response> add_rule(Call& call);
Result<http::Response> save_rule(Call& call);
Result<http::Response> remove_rule(Call& call);
Result<http::Response> restore_rule(Call& call);
Result<http::Response> list_versions(Call& call);
Result<http::Response> enable_rule(Call& call);
Result<http::Response> disable_rule(Call& call);
Result<http::Response> tune_level(Call& call);

Result<http::Response> lint_rule(Call& call);
Result<http::Response> test_rule(Call& call);
Result<http::Response> draft_rule(Call& call);

}  // namespace yagura::api
